import { describe, expect, it } from 'vitest';

import { cleaned, environmentOf } from './key';

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
