import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, body, ifMatch, idempotencyKey, type Schema } from '../../lib/api';
import { useTenant } from '../../lib/clinic';
import { queryKeys } from '../../lib/query-keys';
import type { WorkSearch } from '../../lib/search';
import { toast } from '../../ui/toast';

export type Item = Schema['WorkItemView'];
export type Outcome = Schema['ResolveInputBody']['outcome'];
export type Leg = Schema['LegView'];

/** The items of a filter, the newest first, fifty more each time. */
export function useWorkItems(search: WorkSearch) {
  const tenant = useTenant();
  const state = search.situacao === 'todas' ? 'all' : 'open';
  return useInfiniteQuery({
    queryKey: queryKeys.workItems(tenant, search),
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      body(
        api.GET('/v1/tenants/{tenant}/work-items', {
          params: { path: { tenant }, query: { state, kind: search.tipo, limit: 50, cursor: pageParam } },
        }),
      ),
    getNextPageParam: (last) => last.page.nextCursor ?? undefined,
  });
}

export function useWorkItem(id: string) {
  const tenant = useTenant();
  return useQuery({
    queryKey: queryKeys.workItem(tenant, id),
    queryFn: () => body(api.GET('/v1/tenants/{tenant}/work-items/{id}', { params: { path: { tenant, id } } })),
  });
}

/** Stores the item that a change answers with, and reads the item again after a refusal. */
function useStored(item: Item, said: string) {
  const tenant = useTenant();
  const queries = useQueryClient();
  return {
    onSuccess: (w: Item) => {
      queries.setQueryData(queryKeys.workItem(tenant, item.id), w);
      void queries.invalidateQueries({ queryKey: queryKeys.workItems(tenant) });
      toast(said);
    },
    onError: () => queries.invalidateQueries({ queryKey: queryKeys.workItem(tenant, item.id) }),
  };
}

/** Says who looks into the item. */
export function useAssign(item: Item) {
  const tenant = useTenant();
  return useMutation({
    mutationFn: (owner: string) =>
      body(
        api.POST('/v1/tenants/{tenant}/work-items/{id}/assign', {
          params: { path: { tenant, id: item.id }, header: { ...ifMatch(item.version), ...idempotencyKey() } },
          body: { owner },
        }),
      ),
    ...useStored(item, 'Responsável salvo.'),
  });
}
