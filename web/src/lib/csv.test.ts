import { expect, test } from 'vitest';

import { csvCell, csv, csvAmount } from './csv';
import { boundsOf, daysFrom, monthOf } from './period';

test('a csvCell that a spreadsheet would run is inert, and a number stays one', () => {
  for (const evil of ['=1+1', '+cmd', '-2+3', '@SUM(A1)', '\t=1', ' =1', '\r=1'])
    expect(csvCell(evil).replace(/^"/, '')).toMatch(/^'/);
  expect(csvCell('-12,00')).toBe('-12,00');
  expect(csvCell('a;b')).toBe('"a;b"');
  expect(csvCell('say "no"\n')).toBe('"say ""no""\n"');
});

test('a file has a byte order mark, semicolons and whole lines', () => {
  expect(
    csv([
      ['Data', 'Valor'],
      ['22/11/2026', csvAmount(123456)],
    ]),
  ).toBe('\ufeffData;Valor\r\n22/11/2026;1234,56\r\n');
  expect([csvAmount(0), csvAmount(5), csvAmount(-1200), csvAmount(undefined)]).toEqual(['0,00', '0,05', '-12,00', '']);
});

test("a period is São Paulo's days, and one that reaches to now has no end", () => {
  const now = new Date('2026-11-22T02:30:00Z'); // still the 21st there
  expect(boundsOf('hoje', undefined, undefined, now)).toEqual({ from: '2026-11-21T03:00:00Z' });
  expect(boundsOf('7', undefined, undefined, now)).toEqual({ from: '2026-11-15T03:00:00Z' });
  expect(boundsOf('datas', '2026-11-01', '2026-11-02', now)).toEqual({
    from: '2026-11-01T03:00:00Z',
    to: '2026-11-03T02:59:59.999Z',
  });
  expect(boundsOf('tudo', '2026-11-01', undefined, now)).toEqual({});
  expect(daysFrom('2026-03-01', -1)).toBe('2026-02-28');
  expect(monthOf('2028-02-10')).toEqual({ from: '2028-02-01', to: '2028-02-29' });
});
