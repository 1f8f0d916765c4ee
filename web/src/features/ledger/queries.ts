import { useInfiniteQuery, useQuery } from '@tanstack/react-query';

import { api, body, type Schema } from '../../lib/api';
import { useTenant } from '../../lib/clinic';
import { queryKeys } from '../../lib/query-keys';
import type { LedgerSearch } from '../../lib/search';
import { bookingKindWords } from '../../lib/object-words';

export type Entries = Schema['ListOutputBookingViewBody'];
export type Entry = Schema['BookingView'];
export type Period = Schema['PeriodView'];
export type Differences = Schema['DifferencesView'];

/** The ledger account that the statement shows. */
export const account = 'asaas_available';

const days = (s: LedgerSearch) => ({ 'effective[gte]': s.de, 'effective[lte]': s.ate });

/** The API's filter of an address, for the list and for its file. */
export const filterOf = (s: LedgerSearch) => ({
  account,
  kind: s.tipo && s.tipo in bookingKindWords ? [s.tipo as Entry['kind']] : undefined,
  ...days(s),
});

/** Whether an address shows every line of its days in the order of days, so that lines and balances add up. */
export const isWhole = (s: LedgerSearch): boolean => !filterOf(s).kind && s.ordem !== 'lancamento';

/** The lines of an address, the newest first, a hundred more each time. */
export function useEntries(search: LedgerSearch) {
  const tenant = useTenant();
  const query = {
    ...filterOf(search),
    sort: search.ordem === 'lancamento' ? ('-no' as const) : ('-effective' as const),
  };
  return useInfiniteQuery({
    queryKey: queryKeys.ledgerEntries(tenant, query),
    initialPageParam: '',
    queryFn: ({ pageParam }) =>
      body(
        api.GET('/v1/tenants/{tenant}/ledger/entries', {
          params: { path: { tenant }, query: { ...query, limit: 100, cursor: pageParam || undefined } },
        }),
      ),
    getNextPageParam: (last: Entries) => last.page.nextCursor ?? undefined,
  });
}

/** What came, what left and what stood before and after the days of an address. */
export function usePeriod(search: LedgerSearch) {
  const tenant = useTenant();
  const query = days(search);
  return useQuery({
    queryKey: queryKeys.ledgerPeriod(tenant, query),
    queryFn: () => body(api.GET('/v1/tenants/{tenant}/ledger/summary', { params: { path: { tenant }, query } })),
  });
}

/** The days of an address as Asaas's statement has them, beside ours; without a beginning, the last thirty. */
export function useDifferences(search: LedgerSearch) {
  const tenant = useTenant();
  const query = { from: search.de, to: search.ate };
  return useQuery({
    queryKey: queryKeys.ledgerDifferences(tenant, query),
    queryFn: () => body(api.GET('/v1/tenants/{tenant}/ledger/differences', { params: { path: { tenant }, query } })),
  });
}
