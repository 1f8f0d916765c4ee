import { describe, expect, it } from 'vitest';

import {
  ago,
  count,
  countdown,
  countOf,
  day,
  instant,
  money,
  namedTaxId,
  parseMoney,
  percent,
  plural,
  searchTerm,
  taxId,
  took,
} from './format';
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
    for (const [value, expected] of cases) {
      it(`${name} of ${value} is ${expected}`, () => expect(spaced(fn(value as never))).toBe(expected));
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
  for (const [text, expected] of typed) {
    it(`"${text}" is ${expected}`, () => expect(parseMoney(text)).toBe(expected));
  }
});

describe('how long ago', () => {
  const now = Date.parse('2026-11-22T12:00:00Z');
  const cases: [string, string][] = [
    ['2026-11-22T11:59:58Z', 'agora'],
    ['2027-02-01T04:25:18Z', '01/02/2027 às 01:25:18'],
    ['2026-11-22T11:57:00Z', 'há 3 min'],
    ['2026-11-22T09:59:00Z', 'há 2 h'],
    ['2026-11-21T11:59:00Z', 'há 1 dia'],
    ['2026-11-12T11:59:00Z', 'há 10 dias'],
  ];
  for (const [at, expected] of cases) {
    it(`${at} is ${expected}`, () => expect(ago(at, now)).toBe(expected));
  }
});

describe('how long something took', () => {
  const cases: [number, string][] = [
    [0, '0 ms'],
    [12.4, '12 ms'],
    [999.4, '999 ms'],
    [999.6, '1,0 s'],
    [1800, '1,8 s'],
    [59_949, '59,9 s'],
    [59_960, '1 min'],
    [125_000, '2 min 5 s'],
    [3_600_000, '1 h'],
    [12_000_000, '3 h 20 min'],
    [86_400_000, '1 dia'],
    [183_600_000, '2 dias 3 h'],
    [1_900_519_900, '22 dias'],
  ];
  for (const [millis, expected] of cases) it(expected, () => expect(took(millis)).toBe(expected));
  it('counts down', () => expect([581, 3900, 0].map(countdown)).toEqual(['09:41', '1 h 05 min', '00:00']));
});

it('a tax id says of which kind it is', () => {
  expect(namedTaxId('12345678000190')).toBe('CNPJ 12.345.678/0001-90');
  expect(namedTaxId('12345678901')).toBe('CPF 123.456.789-01');
});

describe('how many', () => {
  it('one is one, and none and many are many', () =>
    expect([0, 1, 2, 1234].map((n) => plural(n, 'fatura', 'faturas'))).toEqual([
      '0 faturas',
      '1 fatura',
      '2 faturas',
      '1.234 faturas',
    ]));
  it('a count that stopped at its limit says so', () =>
    expect(countOf({ total: 10000, capped: true }, 'fatura', 'faturas')).toBe('10.000 ou mais faturas'));
});

describe('what is looked for', () => {
  const cases: [string, string][] = [
    ['5/1/2026', '05/01/2026'],
    ['20/12/26', '20/12/2026'],
    ['5-1-26', '05/01/2026'],
    ['31/12/2026', '31/12/2026'],
    ['R$ 129,9', 'R$ 129,90'],
    ['r$129,9', 'R$ 129,90'],
    ['129,9', '129,90'],
    ['R$ 1310', 'R$ 1310'],
    ['1.234,56', '1.234,56'],
    ['1234', '1234'],
    ['  orc-5/1 ', 'orc-5/1'],
    ['40/13/2026', '40/13/2026'],
    ['31/2/2026', '31/2/2026'],
    ['pay_0001', 'pay_0001'],
    ['Maria', 'Maria'],
  ];
  for (const [typed, expected] of cases)
    it(`“${typed}” is ${expected}`, () => expect(searchTerm(typed)).toBe(expected));
});
