import { describe, expect, it } from 'vitest';

import { eventName, eventState } from './event-labels';
import { percent } from './format';
import { checkoutState, costOf, invoiceState } from './object-labels';

const invoice = {
  status: 'pending',
  asaasStatus: 'PENDING',
  dueDate: '2026-11-20',
  availableOn: null,
  deleted: false,
  refundedAmount: { amountCents: 0 },
  confirmedBy: 'api',
};
const today = '2026-11-22';

describe('an invoice says where it stands', () => {
  const cases: [object, string][] = [
    [{}, 'Aguardando pagamento'],
    [{ status: 'overdue' }, 'Vencida há 2 dias'],
    [{ status: 'overdue', dueDate: '2026-11-21' }, 'Vencida há 1 dia'],
    [{ status: 'confirmed', availableOn: '2026-12-22' }, 'Paga — saldo a liberar em 22/12/2026'],
    [{ status: 'received' }, 'Recebida'],
    [{ status: 'received', refundedAmount: { amountCents: 100 } }, 'Estornada em parte'],
    [{ status: 'refunded', refundedAmount: { amountCents: 100 } }, 'Estornada'],
    [{ status: 'disputed', asaasStatus: 'CHARGEBACK_DISPUTE' }, 'Contestada — prazo para responder no Asaas'],
    [{ status: 'disputed', asaasStatus: 'AWAITING_CHARGEBACK_REVERSAL' }, 'Disputa encerrada — aguardando repasse'],
    [{ status: 'unknown', asaasStatus: 'BLESSED' }, 'BLESSED'],
    [{ deleted: true }, 'Removida'],
  ];
  for (const [change, expected] of cases) {
    it(expected, () => expect(invoiceState({ ...invoice, ...change }, today)[0]).toBe(expected));
  }
});

describe('what Asaas has not confirmed is never green', () => {
  const tone = (change: object) => invoiceState({ ...invoice, ...change }, today)[1];
  it('is green once Asaas has said so', () => expect(tone({ status: 'received' })).toBe('success'));
  for (const status of ['received', 'received_in_cash', 'collected', 'refunded', 'not_at_asaas'])
    it(status, () => expect(tone({ status, confirmedBy: 'webhook' })).not.toBe('success'));
  it('an answer that there is no such payment is no confirmation', () =>
    expect(eventState({ outcome: 'no_effect', reason: 'not_found', source: 'api' })).toEqual([
      'Asaas respondeu que não conhece',
      'danger',
    ]));
  it('a deleted charge that was paid shows its money', () =>
    expect(invoiceState({ ...invoice, deleted: true, status: 'received' }, today)[0]).toBe('Recebida'));
});

describe('a checkout expires when Asaas says so, not by our clock', () => {
  const checkout = { status: 'active', asaasStatus: 'ACTIVE', createdAt: '2026-11-22T12:00:00Z', minutesToExpire: 10 };
  const at = (seconds: number) => checkoutState(checkout, Date.parse(checkout.createdAt) + seconds * 1000)[0];
  it('counts down', () => expect(at(19)).toBe('Ativo · vence em 09:41'));
  it('waits for Asaas after its time', () => expect(at(600)).toBe('Prazo encerrado, aguardando o Asaas'));
  it('is over by its event', () => expect(checkoutState({ ...checkout, status: 'expired' })[0]).toBe('Vencido'));
});

describe('an event', () => {
  it('that we have not met has a name', () => expect(eventName('PAYMENT_BLESSED')).toBe('Evento do Asaas'));
  it('that came late says so', () =>
    expect(eventState({ outcome: 'no_effect', reason: 'late', source: 'webhook' })[0]).toBe('Fora de ordem'));
  it('with an outcome we have not met shows it', () =>
    expect(eventState({ outcome: 'blessed', reason: null, source: 'webhook' })[0]).toBe('blessed'));
});

describe('what an advance costs', () => {
  const cost = costOf(30801, 564, 30237, 11);
  it('is 1,83% in its period', () => expect(percent(cost!.period)).toBe('1,83%'));
  it('is 5,17% a month', () => expect(percent(cost!.monthly)).toBe('5,17%'));
  it('is unknown without days', () => expect(costOf(30801, 564, 30237, 0)).toBeNull());
});
