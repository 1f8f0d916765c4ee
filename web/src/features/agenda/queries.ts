import { useInfiniteQuery } from '@tanstack/react-query';

import { api, body } from '../../lib/api';
import { useTenant } from '../../lib/clinic';
import { deadlineKindWords } from '../../lib/object-words';
import { queryKeys } from '../../lib/query-keys';
import type { WorkSearch } from '../../lib/search';
import type { Deadline } from '../../ui/deadline-parts';

const kinds = new Set(Object.keys(deadlineKindWords));

/** The entries of a filter, the first due first, fifty more each time. */
export function useAgenda(search: WorkSearch) {
  const tenant = useTenant();
  const kind = kinds.has(search.tipo ?? '') ? [search.tipo as Deadline['kind']] : undefined;
  const state = search.situacao === 'todas' ? 'all' : 'open';
  return useInfiniteQuery({
    queryKey: queryKeys.agenda(tenant, search),
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      body(
        api.GET('/v1/tenants/{tenant}/deadlines', {
          params: { path: { tenant }, query: { state, kind, limit: 50, cursor: pageParam } },
        }),
      ),
    getNextPageParam: (last) => last.page.nextCursor ?? undefined,
  });
}
