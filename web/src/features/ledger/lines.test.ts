import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { baseOf, daysOf, factWords, lines, statementWords } from './lines';

const booking = (
  id: string,
  effective: string,
  cents: number,
  fact = 'credit',
  balance = 0,
  subject = 'pay_' + id,
) => ({
  id,
  effective,
  bookedAt: effective + 'T12:00:00Z',
  kind: 'payment',
  fact,
  cycle: 1,
  subject,
  event: null,
  invoice: null,
  customerName: null,
  balanceAfter: { amountCents: balance },
  legs: [
    { account: 'asaas_available', amount: { amountCents: cents } },
    { account: 'sales', amount: { amountCents: -cents } },
  ],
});

describe('lines of an account', () => {
  const rows = lines(
    [
      booking('3', '2026-11-21', -100, 'refund:1', 700),
      booking('2', '2026-11-21', 500, 'credit', 800),
      booking('1', '2026-11-20', 300, 'credit', 300),
    ],
    'asaas_available',
  );
  it('each has the balance that the server tells', () => expect(rows.map((r) => r.balance)).toEqual([700, 800, 300]));
  it('a refund has its word', () => expect(rows[0]!.words).toBe('Estorno'));
  it('days are those that lines belong to', () =>
    expect(daysOf(rows)).toEqual([
      { day: '2026-11-20', in: 300, out: 0 },
      { day: '2026-11-21', in: 500, out: 100 },
    ]));
});

describe('what puts a line right', () => {
  const hash = '00ff00ff00ff00ff';
  it('names the line, through as many steps as there are', () => {
    expect(baseOf({ fact: 'credit', cycle: 2 })).toEqual({ fact: 'credit', cycle: 2 });
    expect(baseOf({ fact: 'correct:refund:2026-01-01 10:00:00:500:3', cycle: 1 })).toEqual({
      fact: 'refund:2026-01-01 10:00:00:500',
      cycle: 3,
    });
    expect(baseOf({ fact: `correct:void:credit:2:${hash}:1`, cycle: 4 })).toEqual({ fact: 'credit', cycle: 2 });
  });
  it('is folded under it with its reason, and every day still ends in its balance', () => {
    const rows = lines(
      [
        booking('5', '2026-11-22', 40, 'credit', 1040),
        booking('4', '2026-11-21', -20, 'correct:credit:1', 1000, 'pay_1'),
        booking('3', '2026-11-21', 700, 'credit', 1020),
        booking('1', '2026-11-21', 320, 'credit', 320),
      ],
      'asaas_available',
    );
    expect(rows.map((r) => [r.id, r.cents, r.balance])).toEqual([
      ['5', 40, 1040],
      ['3', 700, 1000],
      ['1', 300, 300],
    ]);
    expect(rows[2]!.corrections.map((c) => [c.cents, c.reason])).toEqual([
      [-20, 'O que chegou depois contou outros valores.'],
    ]);
  });
  it('stands by itself on another day, and while its line is not read yet', () => {
    const voided = booking('2', '2026-11-22', -20, `void:credit:1:${hash}`, 300, 'pay_1');
    expect(lines([voided], 'asaas_available')[0]!.words).toBe('Anulação: Cobrança recebida');
    expect(lines([voided, booking('1', '2026-11-21', 320)], 'asaas_available')).toHaveLength(2);
  });
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
