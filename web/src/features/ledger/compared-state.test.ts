import { expect, test } from 'vitest';

import { comparedState, type Compared } from './compared-state';

const march = { from: '2026-03-01', to: '2026-03-31' };
const compared = (change: Partial<Compared> = {}): Compared => ({
  ledgerFrom: '2026-01-01',
  through: '2026-03-31',
  checkedOn: '2026-04-01',
  days: [{ day: '2026-03-05', difference: { amountCents: 0 } }],
  ...change,
});

test('a period is green only when all of it was compared lately, whole, and nothing differs', () => {
  expect(comparedState(compared(), 'equal', march)).toEqual([
    'Confere com o Asaas: R$ 0,00 de diferença em 1 dia com movimento',
    'success',
  ]);
  expect(comparedState(compared({ days: [] }), 'equal', march)).toEqual([
    'Confere com o Asaas: R$ 0,00 de diferença, sem movimento',
    'success',
  ]);
  const notGreen: [Compared, Parameters<typeof comparedState>[1], RegExp][] = [
    [compared(), 'stale', /não conferido há mais de 36 horas/],
    [compared(), 'partial', /recusou parte/],
    [compared(), 'never', /ainda não conferido/],
    [compared(), 'different', /não confere/],
    [compared({ through: '2026-03-30' }), 'equal', /até 30\/03\/2026/],
    [compared({ through: null }), 'equal', /ainda não conferido/],
    [compared({ ledgerFrom: null }), 'equal', /ainda não conferido/],
    [compared({ ledgerFrom: '2026-04-01' }), 'equal', /começou em 01\/04\/2026/],
    [
      compared({ days: [{ day: '2026-03-05', difference: { amountCents: -501 } }] }),
      'equal',
      /Não confere com o Asaas: 1 dia difere, −R\$\s5,01/,
    ],
  ];
  for (const [what, state, words] of notGreen) {
    const [said, tone] = comparedState(what, state, march);
    expect(said).toMatch(words);
    expect(tone, said).not.toBe('success');
  }
});

test('two days that differ by the same amount in opposite directions are not equal', () => {
  const days = [501, -501].map((amountCents, n) => ({ day: `2026-03-0${n + 1}`, difference: { amountCents } }));
  expect(comparedState(compared({ days }), 'equal', march)[1]).toBe('danger');
});

test('a period that begins before the ledger says from when it was compared', () => {
  expect(comparedState(compared({ ledgerFrom: '2026-03-10' }), 'equal', march)[0]).toMatch(/, desde 10\/03\/2026$/);
});

test('what moved since the last comparison is not compared yet, which is neither a difference nor well', () => {
  const days = [{ day: '2026-03-31', difference: { amountCents: -123456 } }];
  const today = compared({ checkedOn: '2026-03-31', days });
  const [said, tone] = comparedState(today, 'equal', march);
  expect(said).toMatch(/o que veio depois ainda não foi conferido/);
  expect(tone).toBe('neutral');
  expect(comparedState(today, 'different', march)[1], 'the balance differed then').toBe('danger');
  expect(comparedState(compared({ days }), 'equal', march)[1], 'a day that was over when it was compared').toBe(
    'danger',
  );
  const both = [{ day: '2026-03-30', difference: { amountCents: 1 } }, ...days];
  expect(comparedState(compared({ checkedOn: '2026-03-31', days: both }), 'equal', march)[0]).toMatch(
    /1 dia difere, R\$\s0,01/,
  );
});
