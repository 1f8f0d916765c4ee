import { useQuery } from '@tanstack/react-query';

import { api, body } from '../../lib/api';
import { useTenant } from '../../lib/clinic';
import { queryKeys } from '../../lib/query-keys';
import type { ListSearch } from '../../lib/search';

/** Where a dispute stands, by Asaas's word for the payment. */
export const disputeStates: Record<string, string> = {
  CHARGEBACK_REQUESTED: 'A responder',
  CHARGEBACK_DISPUTE: 'Documentos enviados',
  AWAITING_CHARGEBACK_REVERSAL: 'Ganha, aguardando repasse',
};

/** What one can filter by: where an open dispute stands, and those that are over. */
export const disputeFilters: Record<string, string> = { ...disputeStates, encerradas: 'Encerradas' };

/** The API's filter of an address: without a word of it the disputes that are open. */
export const filterOf = (s: ListSearch) => ({
  dispute: s.status === 'encerradas' ? ('ended' as const) : ('open' as const),
  asaasStatus: s.status && s.status in disputeStates ? [s.status] : undefined,
});

/** The payments that are disputed, or were, of one page. */
export function useDisputes(search: ListSearch) {
  const tenant = useTenant();
  const query = { ...filterOf(search), limit: 100, include: 'count' as const, cursor: search.cursor };
  return useQuery({
    queryKey: queryKeys.disputes(tenant, query),
    queryFn: () => body(api.GET('/v1/tenants/{tenant}/invoices', { params: { path: { tenant }, query } })),
  });
}
