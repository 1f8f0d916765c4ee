import { useQuery } from '@tanstack/react-query';

import { api, body, type Schema } from '../../lib/api';
import { useMay, useTenant } from '../../lib/clinic';
import { queryKeys } from '../../lib/query-keys';
import type { operations } from '../../lib/schema';

type Invoice = Schema['InvoiceView'];
type Query = NonNullable<operations['listInvoices']['parameters']['query']>;

const often = 3_000; // a name that nobody knew is read of Asaas within seconds
const tries = 6;

/** Names of payers that came after their invoices were listed, by Asaas's id: rows stay where they are, and only say more. */
export function useLateNames(query: Query, rows: Invoice[] | undefined): Map<string, string> {
  const tenant = useTenant();
  const may = useMay('personal:read');
  const nameless = rows?.filter((v) => v.customer && !v.customerName).map((v) => v.customer) ?? [];
  const late = useQuery({
    queryKey: queryKeys.payerNames(tenant, nameless),
    enabled: may && nameless.length > 0,
    staleTime: Infinity,
    refetchInterval: (q) => (q.state.dataUpdateCount < tries && nameless.some((id) => !q.state.data?.has(id!)) ? often : false),
    queryFn: async () => {
      const page = await body(api.GET('/v1/tenants/{tenant}/invoices', { params: { path: { tenant }, query: { ...query, include: undefined, fields: 'customer,customerName' } } }));
      return new Map(page.data.flatMap((v) => (v.customer && v.customerName ? [[v.customer, v.customerName] as const] : [])));
    },
  });
  return late.data ?? new Map<string, string>();
}
