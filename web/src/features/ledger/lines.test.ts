import { describe, expect, it } from 'vitest';

import { daysOf, factWords, lines } from './lines';

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
