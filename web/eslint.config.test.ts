import { ESLint } from 'eslint';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

// The rules of eslint.config.js catch what they are for: each is shown a planted violation
// and its lawful neighbour. That no file imports itself in a circle is counted here, because
// no rule of the linter says it.

const eslint = new ESLint();

/** The rules that code, standing in path, breaks. */
async function broken(path: string, code: string): Promise<(string | null)[]> {
  const [result] = await eslint.lintText(code, { filePath: path });
  return result!.messages.map((m) => m.ruleId);
}

describe('the arrows go app → features → ui → lib', () => {
  const arrow = 'boundaries/dependencies';
  const cases: [from: string, to: string, rules: string[]][] = [
    ['src/app/planted.ts', '../features/help/page', []],
    ['src/app/planted.ts', '../lib/format', []],
    ['src/features/home/planted.ts', '../../ui/basics', []],
    ['src/features/home/planted.ts', '../../lib/format', []],
    ['src/features/home/planted.ts', './days', []],
    ['src/features/home/planted.ts', '../invoices/badges', [arrow]],
    ['src/features/home/planted.ts', '../../app/scheme', [arrow]],
    ['src/ui/planted.ts', '../lib/format', []],
    ['src/ui/planted.ts', './icon', []],
    ['src/ui/planted.ts', '../features/help/page', [arrow]],
    ['src/ui/planted.ts', '../app/scheme', [arrow]],
    ['src/lib/planted.ts', './format', []],
    ['src/lib/planted.ts', '../ui/basics', [arrow]],
    ['src/lib/planted.ts', '../features/help/page', [arrow]],
    ['src/lib/planted.ts', '../app/scheme', [arrow]],
  ];
  for (const [from, to, rules] of cases) {
    test(`${from} ${rules.length ? 'may not' : 'may'} import ${to}`, async () => {
      expect(await broken(from, `export * from '${to}';\n`)).toEqual(rules);
      expect(
        await broken(from, `import type * as all from '${to}';\nexport type All = typeof all;\n`),
        'its types',
      ).toEqual(rules);
    });
  }
  test('a file outside of the four is not known', async () => {
    expect(await broken('src/pages/planted.ts', 'export {};\n')).toEqual(['boundaries/no-unknown-files']);
  });
});

describe('what is asked of the API', () => {
  test('stands in queries.ts', async () => {
    const code = "import { useQuery } from '@tanstack/react-query';\nexport const q = useQuery;\n";
    expect(await broken('src/features/home/page.tsx', code)).toEqual(['@typescript-eslint/no-restricted-imports']);
    expect(await broken('src/features/ledger/queries.ts', code)).toEqual([]);
  });
  test('has its key from the factory', async () => {
    expect(await broken('src/features/ledger/queries.ts', "export const options = { queryKey: ['home'] };\n")).toEqual([
      'no-restricted-syntax',
    ]);
    expect(
      await broken(
        'src/lib/planted.ts',
        "export const set = (c: { setQueryData: (k: string[], v: number) => void }) => c.setQueryData(['home'], 1);\n",
      ),
    ).toEqual(['no-restricted-syntax']);
    expect(
      await broken(
        'src/features/ledger/queries.ts',
        "import { queryKeys } from '../../lib/query-keys';\nexport const options = { queryKey: queryKeys.dashboard('ten_1') };\n",
      ),
    ).toEqual([]);
  });
});

test('no file imports itself in a circle', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((f) => /(?<!\.d)\.tsx?$/.test(f))
    .map((f) => join('src', f));
  const known = new Set(files);
  const imports = new Map(
    files.map((file) => {
      const specs = [...readFileSync(file, 'utf8').matchAll(/(?:from|import) '(\.[^']+)'|import\('(\.[^']+)'\)/g)].map(
        (m) => m[1] ?? m[2]!,
      );
      const found = specs.flatMap((spec) =>
        ['', '.ts', '.tsx'].map((end) => join(dirname(file), spec) + end).filter((f) => known.has(f)),
      );
      return [file, found];
    }),
  );
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: string[]) => {
    if (path.includes(file))
      circles.push([...path.slice(path.indexOf(file)), file].map((f) => relative('src', f)).join(' → '));
    if (path.includes(file) || done.has(file)) return;
    for (const next of imports.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  expect([...imports.values()].flat().length).toBeGreaterThan(100);
  expect(circles).toEqual([]);
});

test('a native date field, in the order of the browser’s language, is refused', async () => {
  const field = (type: string) => `export const field = () => <input type="${type}" />;\n`;
  expect(await broken('src/ui/planted.tsx', field('date'))).toEqual(['no-restricted-syntax']);
  expect(await broken('src/ui/planted.tsx', field('email'))).toEqual([]);
});
