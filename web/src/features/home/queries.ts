import { useQuery } from '@tanstack/react-query';

import { api, body, type Schema } from '../../lib/api';
import { useTenant } from '../../lib/clinic';
import { usePolling } from '../../lib/live';
import { queryKeys } from '../../lib/query-keys';

type Status = Schema['InvoiceView']['status'];

/** How much of each kind waits for somebody. */
export interface Waiting {
  overdue: number;
  disputed: number;
  failed: number;
  denied: number;
  notAtAsaas: number;
  workItems: number;
}

async function totalOf(call: Promise<{ count?: { total: number } }>): Promise<number> {
  return (await call).count?.total ?? 0;
}

/** The counts of what waits for somebody, and the balance at Asaas. */
export function useDashboard() {
  const tenant = useTenant();
  const polling = usePolling(30_000);
  const path = { tenant };
  const counted = { limit: 1, include: 'count' as const };
  return useQuery({
    queryKey: queryKeys.dashboard(tenant),
    refetchInterval: polling,
    queryFn: async () => {
      const invoices = (status: Status) =>
        totalOf(
          body(api.GET('/v1/tenants/{tenant}/invoices', { params: { path, query: { ...counted, status: [status] } } })),
        );
      const [overdue, disputed, notAtAsaas, failed, denied, workItems, balance] = await Promise.all([
        invoices('overdue'),
        invoices('disputed'),
        invoices('not_at_asaas'),
        totalOf(
          body(
            api.GET('/v1/tenants/{tenant}/events', {
              params: { path, query: { ...counted, outcome: ['dead', 'quarantined'] } },
            }),
          ),
        ),
        totalOf(
          body(
            api.GET('/v1/tenants/{tenant}/anticipations', {
              params: { path, query: { ...counted, status: ['denied'] } },
            }),
          ),
        ),
        body(
          api.GET('/v1/tenants/{tenant}/work-items', { params: { path, query: { state: 'open', limit: 100 } } }),
        ).then((list) => list.data?.length ?? 0),
        body(api.GET('/v1/tenants/{tenant}/ledger/balance', { params: { path } })),
      ]);
      return { balance, waiting: { overdue, disputed, failed, denied, notAtAsaas, workItems } satisfies Waiting };
    },
  });
}

/** The five invoices that were paid last. */
export function useReceipts() {
  const tenant = useTenant();
  const polling = usePolling(30_000);
  return useQuery({
    queryKey: queryKeys.receipts(tenant),
    refetchInterval: polling,
    queryFn: () =>
      body(
        api.GET('/v1/tenants/{tenant}/invoices', {
          params: {
            path: { tenant },
            query: { limit: 5, sort: '-updatedAt', status: ['received', 'received_in_cash', 'confirmed'] },
          },
        }),
      ),
  });
}
