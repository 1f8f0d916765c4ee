import { amount, day, money, plural } from '../../lib/format';
import { flagWords } from '../../lib/asaas-codes';
import { advanceFilters, checkoutFilters, invoiceFilters, methodOf } from '../../lib/object-labels';
import { accountWords } from '../../lib/object-words';
import { wordFor } from '../../lib/words';

// What applying an event anew changes, in words.

interface Change {
  field: string;
  before: unknown;
  after: unknown;
}

/** The attributes of invoices, checkouts and anticipations, as the store names them. */
const names: Record<string, string> = {
  Status: 'Situação',
  RawStatus: 'Situação no Asaas',
  AsaasStatus: 'Situação no Asaas',
  Method: 'Forma',
  Value: 'Valor',
  NetValue: 'Líquido',
  TotalValue: 'Valor bruto',
  Fee: 'Taxa',
  RefundedAmount: 'Estornado',
  DueDate: 'Vencimento',
  PaymentDate: 'Pagamento',
  ClientPaymentDate: 'Pago pelo cliente em',
  ConfirmedDate: 'Confirmada em',
  CreditDate: 'Crédito',
  AvailableOn: 'Saldo liberado em',
  PaidAt: 'Paga em',
  ConfirmedBy: 'Confirmada por',
  Deleted: 'Removida',
  ExternalReference: 'Referência',
  Customer: 'Cliente',
  InterestValue: 'Juros e multa',
  Flags: 'A conferir',
  AnticipationDate: 'Antecipada em',
  Days: 'Dias',
};
const amounts = new Set([
  'Value',
  'NetValue',
  'TotalValue',
  'Fee',
  'RefundedAmount',
  'InterestValue',
  'OriginalValue',
  'GrossValue',
]);
const statuses: Record<string, Record<string, string>> = {
  payment: invoiceFilters,
  checkout: checkoutFilters,
  anticipation: advanceFilters,
};

/** One side of a change as people read it; "—" for nothing. */
export function sideOf(kind: string, field: string, value: unknown): string {
  if (value === null || value === undefined || value === '') return '—';
  if (Array.isArray(value)) return value.map((one) => wordFor(flagWords, String(one))).join(', ') || '—';
  if (field === 'Status') return statuses[kind]?.[String(value)] ?? String(value);
  if (field === 'Method') return methodOf(String(value).toLowerCase());
  if (amounts.has(field) && typeof value === 'number') return money(value);
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\d/.test(value))
    return day(value) + value.slice(10).replace('T', ' ').replace(/^ /, ' às ');
  if (typeof value === 'boolean') return value ? 'sim' : 'não';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** “Situação: Vencida → Recebida” */
export function changeWords(kind: string, c: Change): string {
  return `${names[c.field] ?? c.field}: ${sideOf(kind, c.field, c.before)} → ${sideOf(kind, c.field, c.after)}`;
}

interface Leg {
  account: string;
  amount: { amountCents: number; currency: string };
}

/** “Lançamento: saldo no Asaas R$ 1,00, a receber −R$ 1,00” */
export function bookingWords(legs: Leg[] | null): string {
  return 'Lançamento: ' + (legs ?? []).map((l) => `${wordFor(accountWords, l.account)} ${amount(l.amount)}`).join(', ');
}

/** What a replay changed, counted. */
export const changesWords = (n: number): string =>
  n === 0 ? 'nada mudou' : plural(n, 'objeto mudou', 'objetos mudaram');
