// What the addresses of the lists may hold. Anything else in an address is dropped, never
// an error: a link of yesterday still opens.

type Raw = Record<string, unknown>;

export interface ListSearch {
  status?: string;
  cursor?: string;
  q?: string;
  ordem?: string; // the API's word
}

export interface EventSearch extends ListSearch {
  visao?: string; // a saved view
  grupo?: string; // kind
  tipo?: string; // event name of Asaas's
  situacao?: string; // what became of it, lib/event-labels
  periodo?: string; // lib/period; left out: 30 days, or all when something is looked for
  tentativas?: string; // that failed, at least
  de?: string; // YYYY-MM-DD, São Paulo
  ate?: string;
}

export interface InvoiceSearch extends ListSearch {
  forma?: string;
  cliente?: string;
  recusado?: string; // a period: the card was refused in it
  vencimentoDe?: string;
  vencimentoAte?: string;
  pagoDe?: string; // YYYY-MM-DD, São Paulo
  pagoAte?: string;
  valorDe?: string; // as typed
  valorAte?: string;
}

export interface LedgerSearch {
  de?: string; // YYYY-MM-DD, days that lines belong to
  ate?: string;
  tipo?: string; // kind of booking
  ordem?: string; // lancamento: the order of booking
}

export interface WorkSearch {
  situacao?: string; // todas
  tipo?: string; // kind
}

function texts<T>(raw: Raw, names: readonly string[]): T {
  const kept = names.filter(
    (n) => raw[n] !== undefined && raw[n] !== '' && ['string', 'number'].includes(typeof raw[n]),
  );
  return Object.fromEntries(kept.map((n) => [n, String(raw[n])])) as T;
}

export const listSearch = (raw: Raw): ListSearch => texts(raw, ['status', 'cursor', 'q', 'ordem']);
export const eventSearch = (raw: Raw): EventSearch =>
  texts(raw, ['cursor', 'visao', 'grupo', 'tipo', 'situacao', 'periodo', 'tentativas', 'q', 'de', 'ate', 'ordem']);
export const invoiceSearch = (raw: Raw): InvoiceSearch =>
  texts(raw, [
    'status',
    'cursor',
    'forma',
    'cliente',
    'recusado',
    'q',
    'vencimentoDe',
    'vencimentoAte',
    'pagoDe',
    'pagoAte',
    'valorDe',
    'valorAte',
    'ordem',
  ]);
export const ledgerSearch = (raw: Raw): LedgerSearch => texts(raw, ['de', 'ate', 'tipo', 'ordem']);
export const workSearch = (raw: Raw): WorkSearch => texts(raw, ['situacao', 'tipo']);
