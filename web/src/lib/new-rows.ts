import { useQuery } from '@tanstack/react-query';

import { useTenant } from './clinic';
import { usePolling } from './live';
import { queryKeys } from './query-keys';

/** What identifies a row of a list. */
export interface Row {
  id: string;
}

/** The beginning of a list, as the reader sees it and as it can be asked for again. */
export interface ListStart {
  list: string; // its name
  filter: unknown; // what the list was asked for
  first: Row | undefined; // the newest row that is shown
  fetch: () => Promise<{ data: Row[] }>; // the beginning of the list as it is now
  pollEvery?: number; // milliseconds; for a list of which the feed does not report every row
}

/** How many rows of a list's beginning stand before the first row that is shown. */
export function newRowCount(now: Row[], first: Row | undefined): number {
  const at = now.findIndex((row) => row.id === first?.id);
  return at < 0 ? now.length : at;
}

/**
 * How many rows came since the list was read. It is asked when the feed reports a change, and polled while the feed
 * does not flow.
 */
export function useNewRowCount({ list, filter, first, fetch, pollEvery }: ListStart): number {
  const tenant = useTenant();
  const polling = usePolling(5_000);
  const start = useQuery({
    queryKey: queryKeys.newRows(tenant, list, filter, first?.id),
    initialData: { data: [] as Row[] },
    staleTime: Infinity,
    refetchInterval: polling === false ? (pollEvery ?? false) : polling,
    queryFn: fetch,
  });
  return newRowCount(start.data.data, first);
}
