import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

// The pages speak the field's words (docs/architecture.md, glossary). A word that was retired
// comes back neither in an identifier nor in a comment. Texts are left out: what people read
// is Portuguese, and what the contract calls its members and values is the contract's.

/** Words that stand in no identifier and no comment, each with the word that says it now. */
const retiredWords: Record<string, string> = {
  bell: 'notifier',
  certificate: 'comparison',
  deaf: 'lossy',
  doorbell: 'notifications',
  guardian: 'connection monitor',
  hears: 'receives events',
  hint: 'unverified delivery',
  keeper: 'authenticator',
  lens: 'visibility',
  moment: 'entry',
  news: 'new rows',
  nobody: 'no one, or what is missing',
  nudge: 'ready set',
  prover: 'token resolver',
  ring: 'notification',
  rung: 'notified',
  shouter: 'batch publisher',
  story: 'timeline',
  stray: 'unclaimed delivery',
  teller: 'timeline builder',
  told: 'said, or shown',
  truth: 'gateway snapshot',
  verdict: 'state',
  wake: 'run',
  want: 'read request',
  whatever: 'the word for what it is',
  wish: 'todo',
  woken: 'started',
};

/** Names that said too little when they stood alone; as a part of a longer name they say enough. */
const retiredNames: Record<string, string> = {
  Choice: 'SelectFilter',
  Paused: 'PausedQueueCard',
  Strip: 'DeliveryStrip',
  Typed: 'TextFilter',
  late: 'lateNames',
  lose: 'expireSession',
  look: 'check',
  settle: 'apply',
  take: 'setSession',
};

/** What the contract calls its members and values: file, name, and where the contract says it. */
const contractNames: [file: string, name: string, why: string][] = [
  ['src/features/events/effect.tsx', 'moments', 'TimelineView.moments'],
  ['src/features/endpoints/words.ts', 'certificate_refused', 'EndpointDeliveryView.reason: of TLS'],
  ['src/features/integration/manage.tsx', 'hint', 'TokenView.hint'],
  ['src/features/integration/webhook-step.tsx', 'wanted', 'LineView.wanted'],
  ['e2e/integration.spec.ts', 'wanted', 'LineView.wanted'],
  ['src/lib/object-words.ts', 'hint', 'MomentView.what'],
  ['src/lib/object-words.ts', 'read_wanted', 'MomentView.what'],
  ['src/lib/asaas-codes.ts', 'late', 'EventView.reason'],
  ['src/lib/asaas-codes.ts', 'truth', 'EventView.reason'],
  ['src/lib/asaas-codes.ts', 'near_truth', 'InvoiceView.flags'],
  ['src/lib/event-labels.ts', 'late', 'EventView.reason'],
];

/** A word, its plural, and its forms in -ed and -ing. */
const formsOf = (word: string) => [
  word,
  `${word}s`,
  `${word}es`,
  word.replace(/y$/, 'ies'),
  word.replace(/e?$/, 'ed'),
  word.replace(/e?$/, 'ing'),
];
const retired = new Map(Object.keys(retiredWords).flatMap((word) => formsOf(word).map((form) => [form, word])));

interface Found {
  text: string;
  line: number;
  retired: string;
}

/** The words of a name or of a sentence: "readTheNews" has three. */
const wordsOf = (text: string) =>
  text
    .replace(/\p{Ll}(?=\p{Lu})/gu, '$& ')
    .toLowerCase()
    .split(/[^\p{L}]+/u);

/** The retired words in the identifiers and comments of a source file, with their lines. */
function findRetired(file: string, code: string): Found[] {
  const source = ts.createSourceFile(file, code, ts.ScriptTarget.Latest, true);
  const found: Found[] = [];
  const report = (text: string, at: number, words: (string | undefined)[]) => {
    const line = source.getLineAndCharacterOfPosition(at).line + 1;
    for (const word of new Set(words)) if (word) found.push({ text, line, retired: word });
  };
  const texts: ts.TextRange[] = []; // of the page: "//" in them begins no comment
  const comments = new Map<number, number>(); // where each begins and ends
  const readComments = (node: ts.Node) => {
    if (ts.isJsxText(node)) texts.push(node);
    const around = [ts.getLeadingCommentRanges(code, node.pos), ts.getTrailingCommentRanges(code, node.end)];
    for (const { pos, end } of around.flatMap((ranges) => ranges ?? [])) comments.set(pos, end);
  };
  const visit = (node: ts.Node) => {
    if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) {
      const name = node.text;
      const lawful = contractNames.some(([where, contract]) => where === file && contract === name);
      if (!lawful)
        report(name, node.getStart(source), [
          ...wordsOf(name).map((word) => retired.get(word)),
          Object.hasOwn(retiredNames, name) ? name : undefined,
        ]);
    }
    const children = node.getChildren(source);
    if (children.length === 0) readComments(node);
    children.forEach(visit);
  };
  visit(source);
  for (const [pos, end] of comments) {
    if (texts.some((text) => text.pos <= pos && pos < text.end)) continue;
    const text = code.slice(pos, end).replace(/`[^`]*`/g, ''); // a name that the comment cites
    report(
      text,
      pos,
      wordsOf(text).map((word) => retired.get(word)),
    );
  }
  return found;
}

const filesOf = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => join(folder, file))
    .filter((file) => /\.tsx?$/.test(file) && file !== 'src/lib/schema.d.ts');

test('no retired word stands in an identifier or a comment of the pages', () => {
  const files = [...filesOf('src'), ...filesOf('e2e')];
  expect(files.length).toBeGreaterThan(100);
  const found = files.flatMap((file) =>
    findRetired(file, readFileSync(file, 'utf8')).map(
      (f) =>
        `${file}:${f.line}: “${f.retired}” in ${f.text.slice(0, 60)}: ${retiredWords[f.retired] ?? retiredNames[f.retired]}`,
    ),
  );
  expect(found).toEqual([]);
});

test('each name that is lawful because of the contract is in use', () => {
  for (const [file, name] of contractNames)
    expect(readFileSync(file, 'utf8'), file).toMatch(new RegExp(`\\b${name}\\b`));
});

test('a planted word is found wherever it stands, and texts are left alone', () => {
  const words = (code: string) => findRetired('src/planted.tsx', code).map((f) => f.retired);
  expect(words('export const readNews = 1;')).toEqual(['news']);
  expect(words('export const o = { nudged: 1, nudging: 2 };')).toEqual(['nudge', 'nudge']);
  expect(words('// The doorbell rings.\nexport {};')).toEqual(['doorbell', 'ring']);
  expect(words('/** Tells stories. */\nexport {};')).toEqual(['story']);
  expect(words('export const a = 1; // a doorbell\n')).toEqual(['doorbell']);
  expect(words('export const a = <p>{/* a wish */}</p>;')).toEqual(['wish']);
  expect(words('export function take() {}')).toEqual(['take']);
  expect(words('export function takeOver() {}')).toEqual([]);
  expect(words("export const a = <p title='truth'>// the news</p>;")).toEqual([]);
  expect(words("export const a = 'bell';")).toEqual([]);
});
