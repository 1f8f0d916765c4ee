import type { Schema } from '../../lib/api';
import { parseMoney, searchTerm } from '../../lib/format';
import { invoiceFilters } from '../../lib/object-labels';
import { boundsOf, dayBegin, dayEnd } from '../../lib/period';
import type { operations } from '../../lib/schema';
import type { InvoiceSearch } from '../../lib/search';
import { paid } from '../../lib/sums';

export type InvoiceQuery = NonNullable<operations['listInvoices']['parameters']['query']>;

export const sorts: Record<string, string> = {
  '-createdAt': 'Mais novas',
  '-dueDate': 'Vencimento mais distante',
  dueDate: 'Vencimento mais próximo',
  '-amountCents': 'Maior valor',
  amountCents: 'Menor valor',
  '-updatedAt': 'Alteradas por último',
};

/** What one can filter by: each state, and the paid ones together. */
export const situations: Record<string, string> = { ...invoiceFilters, pagas: 'Pagas, todas' };

/** The filter of a payer: Asaas's id, or words of the name. */
const payer = (typed: string | undefined) =>
  typed?.startsWith('cus_') ? { customer: typed } : { customerName: typed };

/** What one can look for a refused card in. */
export const refusedIn: Record<string, string> = {
  '7': 'Nos últimos 7 dias',
  '30': 'Nos últimos 30 dias',
  tudo: 'Alguma vez',
};

const everBefore = '2000-01-01T00:00:00Z'; // before the first invoice

/** The page that an address names. */
export const queryOf = (s: InvoiceSearch): InvoiceQuery => ({
  limit: 50,
  cursor: s.cursor,
  include: 'count' as const,
  sort: (s.ordem && s.ordem in sorts ? s.ordem : '-createdAt') as '-createdAt',
  ...filterOf(s),
});

/** The API's filters of an address; amounts in it stand as they were typed. */
export function filterOf(s: InvoiceSearch): Omit<InvoiceQuery, 'limit' | 'cursor' | 'include' | 'sort' | 'fields'> {
  const known = s.status && s.status in invoiceFilters ? [s.status as Schema['InvoiceView']['status']] : undefined;
  return {
    status: s.status === 'pagas' ? paid : known,
    method: s.forma ? [s.forma] : undefined,
    ...payer(s.cliente),
    refusedSince:
      s.recusado && s.recusado in refusedIn
        ? (boundsOf(s.recusado, undefined, undefined).from ?? everBefore)
        : undefined,
    q: s.q && searchTerm(s.q),
    'dueDate[gte]': s.vencimentoDe,
    'dueDate[lte]': s.vencimentoAte,
    'paidAt[gte]': s.pagoDe && dayBegin(s.pagoDe),
    'paidAt[lte]': s.pagoAte && dayEnd(s.pagoAte),
    'amountCents[gte]': (s.valorDe && parseMoney(s.valorDe)) || undefined,
    'amountCents[lte]': (s.valorAte && parseMoney(s.valorAte)) || undefined,
  };
}
