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

/** The API's filter of an address. */
export const filterOf = (s: ListSearch) => ({
  status: ['disputed' as const],
  asaasStatus: s.status && s.status in disputeStates ? [s.status] : undefined,
});

/** The payments that are disputed now, of one page. */
export function useDisputes(search: ListSearch) {
  const tenant = useTenant();
  const query = { ...filterOf(search), limit: 100, include: 'count' as const, cursor: search.cursor };
  return useQuery({
    queryKey: queryKeys.disputes(tenant, query),
    queryFn: () => body(api.GET('/v1/tenants/{tenant}/invoices', { params: { path: { tenant }, query } })),
  });
}
