import { countdown, day, daysBetween, plural } from './format';
import type { Tone } from './tone';
import { anticipationStatusWords, checkoutStatusWords, invoiceStatusWords } from './object-words';
import { wordFor } from './words';

// What the states of invoices, checkouts and advances are called. A state we have not met
// is shown by its own code, in neutral.

type Words = [string, Tone];

interface InvoiceState {
  status: string;
  asaasStatus: string | null;
  dueDate: string | null;
  availableOn: string | null;
  deleted: boolean;
  refundedAmount: { amountCents: number };
  confirmedBy: string;
  flags?: string[];
}

/** The statuses that say that money moved: the same as domain.InvoiceStatus's movesMoney. */
const moved = new Set(['confirmed', 'received', 'received_in_cash', 'refunding', 'refunded', 'disputed', 'collected']);

/** Whether only an event says that money moved, and Asaas has not been asked or has not said so yet. */
export const unconfirmed = (v: Pick<InvoiceState, 'status' | 'confirmedBy'>): boolean =>
  moved.has(v.status) && v.confirmedBy !== 'api';

/** Whether something stands against the invoice without an explanation yet. */
const doubted = (v: Pick<InvoiceState, 'flags'>): boolean => (v.flags?.length ?? 0) > 0;

const invoiceTones: Record<string, Tone> = {
  pending: 'warning',
  received: 'success',
  received_in_cash: 'success',
  authorized: 'info',
  in_review: 'info',
  refunding: 'warning',
  in_collection: 'warning',
  collected: 'success',
  not_at_asaas: 'danger',
};

/** The words of a status with its tone; Asaas's own code for a status that we have not met. */
function stateWords(
  words: Record<string, string>,
  tones: Record<string, Tone>,
  v: { status: string; asaasStatus: string | null },
): Words {
  const known = v.status === 'unknown' ? undefined : words[v.status];
  return known ? [known, tones[v.status] ?? 'neutral'] : [v.asaasStatus ?? wordFor(words, v.status), 'neutral'];
}

/** The words without the one for a status that we have not met, which is no filter. */
function known(words: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(words).filter(([status]) => status !== 'unknown'));
}

/** An invoice's state; `today` says how long it is overdue. What Asaas has not confirmed is never green. */
export function invoiceState(v: InvoiceState, today: string): Words {
  const [words, tone] = stateAsSaid(v, today);
  if (tone !== 'success') return [words, tone];
  return [words, doubted(v) ? 'warning' : unconfirmed(v) ? 'neutral' : tone];
}

function stateAsSaid(v: InvoiceState, today: string): Words {
  if (v.deleted && !moved.has(v.status)) return ['Removida', 'neutral'];
  if (v.status === 'overdue') {
    const n = v.dueDate ? daysBetween(v.dueDate, today) : 0;
    return [n > 0 ? `Vencida há ${plural(n, 'dia', 'dias')}` : 'Vencida', 'danger'];
  }
  if (v.status === 'confirmed')
    return [v.availableOn ? `Paga — saldo a liberar em ${day(v.availableOn)}` : 'Paga — saldo a liberar', 'info'];
  if (v.status === 'disputed') {
    return v.asaasStatus === 'AWAITING_CHARGEBACK_REVERSAL'
      ? ['Disputa encerrada — aguardando repasse', 'warning']
      : ['Contestada — prazo para responder no Asaas', 'danger'];
  }
  if (v.refundedAmount.amountCents > 0 && v.status !== 'refunded' && v.status !== 'refunding')
    return ['Estornada em parte', 'neutral'];
  return stateWords(invoiceStatusWords, invoiceTones, v);
}

/** The states one can filter by, in the order of an invoice's life. */
export const invoiceFilters = known(invoiceStatusWords);

export const methods: Record<string, string> = {
  pix: 'Pix',
  boleto: 'Boleto',
  credit_card: 'Cartão de crédito',
  debit_card: 'Cartão de débito',
  undefined: 'Cliente escolhe',
  transfer: 'Transferência',
  deposit: 'Depósito',
};

export const methodOf = (m: string | null): string => (m ? (methods[m] ?? m) : '—');

interface CheckoutState {
  status: string;
  asaasStatus: string | null;
  createdAt: string;
  minutesToExpire: number | null;
}

/** A checkout's state. It is "Vencido" when Asaas says so; before, its time may be over. */
export function checkoutState(v: CheckoutState, now = Date.now()): Words {
  if (v.status === 'active') {
    const end = v.minutesToExpire === null ? null : new Date(v.createdAt).getTime() + v.minutesToExpire * 60_000;
    if (end === null) return ['Ativo', 'info'];
    if (end <= now) return ['Prazo encerrado, aguardando o Asaas', 'warning'];
    return [`Ativo · vence em ${countdown(Math.floor((end - now) / 1000))}`, 'info'];
  }
  return stateWords(checkoutStatusWords, { paid: 'success', expired: 'warning' }, v);
}

export const checkoutFilters = known(checkoutStatusWords);

export const chargeTypes: Record<string, string> = {
  DETACHED: 'Avulso',
  INSTALLMENT: 'Parcelado',
  RECURRENT: 'Recorrente',
};
export const billingTypes: Record<string, string> = {
  PIX: 'Pix',
  BOLETO: 'Boleto',
  CREDIT_CARD: 'Cartão de crédito',
  MUNDIPAGG_CIELO: 'Cartão de crédito',
  UNDEFINED: 'Cliente escolhe',
};

const advanceTones: Record<string, Tone> = {
  pending: 'info',
  scheduled: 'info',
  credited: 'success',
  denied: 'danger',
  overdue: 'danger',
};

export const advanceState = (v: { status: string; asaasStatus: string | null }): Words =>
  stateWords(anticipationStatusWords, advanceTones, v);

export const advanceFilters = known(anticipationStatusWords);

/**
 * What an advance costs, as shares: fee ÷ value over its days, and (value ÷ net)^(30 ÷ days) − 1
 * a month. Rates for people to compare; no amount is computed from them. Null when something is missing.
 */
export function costOf(
  valueCents: number,
  feeCents: number,
  netCents: number,
  days: number,
): { period: number; monthly: number } | null {
  if (valueCents <= 0 || netCents <= 0 || days <= 0 || feeCents < 0) return null;
  return { period: feeCents / valueCents, monthly: (valueCents / netCents) ** (30 / days) - 1 };
}
