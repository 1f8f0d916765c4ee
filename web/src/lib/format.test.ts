import { describe, expect, it } from 'vitest';

import { ago, count, day, instant, money, parseMoney, percent, taxId } from './format';
import golden from './golden.json';

const spaced = (text: string) => text.replaceAll('\u00a0', ' ');

describe('what golden.json says, the pages say', () => {
  const checks: [string, [unknown, string][], (value: never) => string][] = [
    ['money', golden.money as [number, string][], money],
    ['instant', golden.instant as [string, string][], instant],
    ['day', golden.day as [string, string][], day],
    ['percent', golden.percent as [string, string][], percent],
    ['count', golden.count as [number, string][], count],
    ['taxId', golden.taxId as [string, string][], taxId],
  ];
  for (const [name, cases, fn] of checks) {
    for (const [value, want] of cases) {
      it(`${name} of ${value} is ${want}`, () => expect(spaced(fn(value as never))).toBe(want));
    }
  }
  it('no line break comes between R$ and the amount', () => expect(money(5)).toBe('R$\u00a00,05'));
});

describe('an amount that is typed', () => {
  const typed: [string, number | null][] = [
    ['1234,56', 123456],
    ['1.234,56', 123456],
    ['R$ 1.234,56', 123456],
    ['12', 1200],
    ['0,5', 50],
    ['1,234.56', null],
    ['12,345', null],
    ['1.23', null],
    ['', null],
    ['-5', null],
    ['1.2345,00', null],
  ];
  for (const [text, want] of typed) {
    it(`"${text}" is ${want}`, () => expect(parseMoney(text)).toBe(want));
  }
});

describe('how long ago', () => {
  const now = Date.parse('2026-11-22T12:00:00Z');
  const cases: [string, string][] = [
    ['2026-11-22T11:59:58Z', 'agora'],
    ['2026-11-22T11:57:00Z', 'há 3 min'],
    ['2026-11-22T09:59:00Z', 'há 2 h'],
    ['2026-11-21T11:59:00Z', 'há 1 dia'],
    ['2026-11-12T11:59:00Z', 'há 10 dias'],
  ];
  for (const [at, want] of cases) {
    it(`${at} is ${want}`, () => expect(ago(at, now)).toBe(want));
  }
});
