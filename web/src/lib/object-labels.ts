import { day, daysBetween, isoDay } from './format';
import type { Tone } from './tone';

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
}

const fixed: Record<string, Words> = {
  pending: ['Aguardando pagamento', 'warning'],
  received: ['Recebida', 'success'],
  received_in_cash: ['Recebida em dinheiro', 'success'],
  authorized: ['Autorizada — falta capturar', 'info'],
  in_review: ['Em análise de risco', 'info'],
  refunding: ['Estorno em andamento', 'warning'],
  refunded: ['Estornada', 'neutral'],
  in_collection: ['Em negativação', 'warning'],
  collected: ['Recuperada', 'success'],
  removed: ['Removida', 'neutral'],
};

/** An invoice's state; `now` says how long it is overdue. */
export function invoiceState(v: InvoiceState, now: Date = new Date()): Words {
  if (v.deleted) return ['Removida', 'neutral'];
  if (v.status === 'overdue') {
    const n = v.dueDate ? daysBetween(v.dueDate, isoDay(now)) : 0;
    return [n > 0 ? `Vencida há ${n} ${n === 1 ? 'dia' : 'dias'}` : 'Vencida', 'danger'];
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
  return fixed[v.status] ?? [v.asaasStatus ?? v.status, 'neutral'];
}

/** The states one can filter by, in the order of an invoice's life. */
export const invoiceFilters: Record<string, string> = {
  pending: 'Aguardando pagamento',
  overdue: 'Vencida',
  confirmed: 'Paga',
  received: 'Recebida',
  received_in_cash: 'Recebida em dinheiro',
  in_review: 'Em análise de risco',
  refunding: 'Estorno em andamento',
  refunded: 'Estornada',
  disputed: 'Contestada',
  in_collection: 'Em negativação',
  collected: 'Recuperada',
  removed: 'Removida',
};

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
    const seconds = Math.floor((end - now) / 1000);
    const two = (n: number) => String(n).padStart(2, '0');
    return [
      `Ativo · vence em ${seconds >= 3600 ? `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} min` : `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`}`,
      'info',
    ];
  }
  return (
    (
      { paid: ['Pago', 'success'], canceled: ['Cancelado', 'neutral'], expired: ['Vencido', 'warning'] } as Record<
        string,
        Words
      >
    )[v.status] ?? [v.asaasStatus ?? v.status, 'neutral']
  );
}

export const checkoutFilters: Record<string, string> = {
  active: 'Ativo',
  paid: 'Pago',
  canceled: 'Cancelado',
  expired: 'Vencido',
};
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

const advances: Record<string, Words> = {
  pending: ['Em análise', 'info'],
  scheduled: ['Agendada', 'info'],
  credited: ['Creditada', 'success'],
  debited: ['Debitada', 'neutral'],
  denied: ['Negada', 'danger'],
  overdue: ['Vencida', 'danger'],
  cancelled: ['Cancelada', 'neutral'],
};

export const advanceState = (v: { status: string; asaasStatus: string | null }): Words =>
  advances[v.status] ?? [v.asaasStatus ?? v.status, 'neutral'];
export const advanceFilters: Record<string, string> = Object.fromEntries(
  Object.entries(advances).map(([k, [words]]) => [k, words]),
);

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
