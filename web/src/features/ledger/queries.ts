import { useInfiniteQuery, useQuery } from '@tanstack/react-query';

import { api, body, type Schema } from '../../lib/api';
import { useTenant } from '../../lib/clinic';
import { queryKeys } from '../../lib/query-keys';

export type Entries = Schema['ListOutputBookingViewBody'];

/** The ledger account that the statement shows. */
export const account = 'asaas_available';

export function useBalance() {
  const tenant = useTenant();
  return useQuery({
    queryKey: queryKeys.balance(tenant),
    queryFn: () => body(api.GET('/v1/tenants/{tenant}/ledger/balance', { params: { path: { tenant } } })),
  });
}

/** The bookings of the account, the newest first, a hundred more each time. */
export function useEntries() {
  const tenant = useTenant();
  return useInfiniteQuery({
    queryKey: queryKeys.ledgerEntries(tenant),
    initialPageParam: '',
    queryFn: ({ pageParam }) =>
      body(
        api.GET('/v1/tenants/{tenant}/ledger/entries', {
          params: { path: { tenant }, query: { account, limit: 100, cursor: pageParam || undefined } },
        }),
      ),
    getNextPageParam: (last: Entries) => last.page.nextCursor ?? undefined,
  });
}

/** Reads the whole statement as the file that the server makes of it. */
export async function fetchStatement(tenant: string): Promise<string> {
  const csv = await body(
    api.GET('/v1/tenants/{tenant}/ledger/statement.csv', {
      params: { path: { tenant }, query: { account } },
      parseAs: 'blob',
    }),
  );
  return csv as unknown as string;
}
