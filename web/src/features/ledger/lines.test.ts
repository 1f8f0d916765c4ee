import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { daysOf, factWords, lines, statementWords } from './lines';

const booking = (id: string, at: string, cents: number, fact = 'credit') => ({
  id,
  at,
  bookedAt: at,
  kind: 'payment',
  fact,
  subject: 'pay_' + id,
  legs: [
    { account: 'asaas_available', amount: { amountCents: cents } },
    { account: 'sales', amount: { amountCents: -cents } },
  ],
});

describe('lines of an account', () => {
  const rows = lines(
    [
      booking('3', '2026-11-22T02:00:00Z', -100, 'refund:1'),
      booking('2', '2026-11-21T12:00:00Z', 500),
      booking('1', '2026-11-20T12:00:00Z', 300),
    ],
    'asaas_available',
    700,
  );
  it('the newest has the closing balance', () => expect(rows[0]!.balance).toBe(700));
  it('each balance is the older one and its own line', () =>
    expect(rows.map((r) => r.balance)).toEqual([700, 800, 300]));
  it('the opening balance is what is left', () => expect(rows.at(-1)!.balance - rows.at(-1)!.cents).toBe(0));
  it('a refund has its word', () => expect(rows[0]!.words).toBe('Estorno'));
  it("days are São Paulo's", () =>
    expect(daysOf(rows)).toEqual([
      { day: '2026-11-20', in: 300, out: 0 },
      { day: '2026-11-21', in: 500, out: 100 },
    ]));
});

it('a fact that we have not met shows its code', () => expect(factWords('payment', 'blessed:1')).toBe('blessed:1'));

it('a correction and a void say what they put right', () => {
  expect(factWords('payment', 'correct:credit')).toBe('Correção: Cobrança recebida');
  expect(factWords('payment', 'void:refund:1')).toBe('Anulação: Estorno');
  expect(factWords('payment', 'correct:void:chargeback')).toBe('Correção: Anulação: Contestação aberta');
});

it('each kind of booking has its own words', () => {
  expect(factWords('opening', 'opening')).toBe('Saldo inicial');
  expect(factWords('payment', 'opening')).toBe('Em aberto no início');
  expect(factWords('statement', 'bacen_judicial_lock')).toBe('Bloqueio judicial');
  expect(factWords('statement', 'blessed')).toBe('Lançamento do Asaas');
  expect(factWords('work_item', 'decide:income')).toBe('Receita reconhecida');
});

it('the page says of a line what the file of the server says', () => {
  const served = readFileSync('../tenants/exports/booking.go', 'utf8');
  const block = /var lineWords = [^{]*\{([^}]*)\}/.exec(served)![1]!;
  const words = Object.fromEntries([...block.matchAll(/"(\w+)": +"([^"]+)"/g)].map((m) => [m[1], m[2]]));
  expect(Object.keys(words).length).toBeGreaterThan(10);
  expect(statementWords).toEqual(words);
});
