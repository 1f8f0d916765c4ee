import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { cleaned, environmentOf, neededPermissions } from './key';

describe('a pasted key', () => {
  it('loses line ends and what nobody can see', () =>
    expect(cleaned('\u200b $aact_hmlg_abc\u2060\n\ufeff')).toBe('$aact_hmlg_abc'));
  it('keeps blanks inside, which are told', () => expect(cleaned('$aact_hmlg_a b')).toBe('$aact_hmlg_a b'));
  const prefixes: [string, string | null][] = [
    ['$aact_prod_x', 'production'],
    ['aact_hmlg_x', 'sandbox'],
    ['$aact_other_x', null],
    ['', null],
  ];
  for (const [key, expected] of prefixes) {
    it(`"${key}" names ${expected}`, () => expect(environmentOf(key)).toBe(expected));
  }
});

// Two lists on one page differed; the list is what the server names as lacking.
it('the permissions to tick are those that the server asks for', () => {
  const folder = '../tenants/asaasapi/';
  const sources = readdirSync(folder).filter((name) => name.endsWith('.go') && !name.endsWith('_test.go'));
  const named = sources.flatMap((name) =>
    [...readFileSync(folder + name, 'utf8').matchAll(/= "([^"()]+) \((ler|escrever)\)"/g)].map(
      (m) => `${m[1]} ${m[2]}`,
    ),
  );
  const ticked = neededPermissions.flatMap((text) => {
    const [name, what] = text.replace(')', '').split(' (') as [string, string];
    return what.split(' e ').map((one) => `${name} ${one}`);
  });
  expect(named.length).toBeGreaterThan(0);
  expect(ticked.sort()).toEqual(named.sort());
});
