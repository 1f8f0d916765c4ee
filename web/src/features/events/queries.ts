import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, body, idempotencyKey, type Schema } from '../../lib/api';
import { useTenant } from '../../lib/clinic';
import { usePolling } from '../../lib/live';
import { queryKeys } from '../../lib/query-keys';
import type { EventSearch } from '../../lib/search';
import { stableRows } from '../../lib/stable-rows';
import { toast } from '../../ui/toast';
import { filterOf } from './filter';
import { changesWords } from './replay-labels';

export type Event = Schema['EventView'];
export type EventDetail = Schema['EventDetailView'];
export type Page = Schema['ListBodyEventView'];

/** Reads a page of the events that a filter leaves. */
export type FetchPage = (query: { limit: number; cursor?: string; include?: 'count' }) => Promise<Page>;

/** The page of events that an address names, and how to read any page of the same filter. */
export function useEvents(search: EventSearch) {
  const tenant = useTenant();
  const fetchPage: FetchPage = (query) =>
    body(
      api.GET('/v1/tenants/{tenant}/events', {
        params: {
          path: { tenant },
          query: { ...filterOf(search), sort: search.ordem === 'receivedAt' ? 'receivedAt' : undefined, ...query },
        },
      }),
    );
  const list = useQuery({
    queryKey: queryKeys.events(tenant, search),
    ...stableRows,
    queryFn: () => fetchPage({ limit: 50, cursor: search.cursor, include: 'count' }),
  });
  return { list, fetchPage };
}

/** What came in the period, in numbers; not asked for without a period. */
export function useEventSummary(filter: ReturnType<typeof filterOf>, enabled: boolean) {
  const tenant = useTenant();
  const polling = usePolling(30_000);
  return useQuery({
    queryKey: queryKeys.eventSummary(tenant, filter),
    enabled,
    staleTime: 30_000,
    refetchInterval: polling,
    queryFn: () =>
      body(api.GET('/v1/tenants/{tenant}/events/summary', { params: { path: { tenant }, query: filter } })),
  });
}

export function useEvent(id: string) {
  const tenant = useTenant();
  const polling = usePolling(15_000);
  return useQuery({
    queryKey: queryKeys.event(tenant, id),
    refetchInterval: polling,
    queryFn: () => body(api.GET('/v1/tenants/{tenant}/events/{id}', { params: { path: { tenant, id } } })),
  });
}

/** The timeline of the event's object, as of when the event was applied. */
export function useEventTimeline(event: Event) {
  const tenant = useTenant();
  return useQuery({
    queryKey: queryKeys.eventEffect(tenant, event.id, event.appliedAt),
    queryFn: () =>
      body(api.GET('/v1/tenants/{tenant}/events/{id}/timeline', { params: { path: { tenant, id: event.id } } })),
  });
}

/** The body as it came. Every read of personal data is audited, so none is made unasked. */
export function useEventPayload(id: string, reveal: boolean, enabled: boolean) {
  const tenant = useTenant();
  return useQuery({
    queryKey: queryKeys.eventPayload(tenant, id, reveal),
    enabled,
    staleTime: Infinity,
    refetchOnWindowFocus: false,
    queryFn: () =>
      body(
        api.GET('/v1/tenants/{tenant}/events/{id}/payload', { params: { path: { tenant, id }, query: { reveal } } }),
      ),
  });
}

/** All events of the object that an event is about. */
export function useRelatedEvents(entity: string | null) {
  const tenant = useTenant();
  return useQuery({
    queryKey: queryKeys.relatedEvents(tenant, entity),
    enabled: Boolean(entity),
    queryFn: () =>
      body(
        api.GET('/v1/tenants/{tenant}/events', {
          params: { path: { tenant }, query: { entity: entity ?? '', limit: 100 } },
        }),
      ),
  });
}

/** Replays an event: first what would change, then the change itself. */
export function useReplay(id: string) {
  const tenant = useTenant();
  const queries = useQueryClient();
  const call = (dryRun: boolean) =>
    body(
      api.POST('/v1/tenants/{tenant}/events/{id}/replay', {
        params: { path: { tenant, id }, header: idempotencyKey() },
        body: { dryRun },
      }),
    );
  const preview = useMutation({ mutationFn: () => call(true) });
  const replay = useMutation({
    mutationFn: () => call(false),
    onSuccess: (r) => {
      preview.reset();
      toast(r.changes === 0 ? 'Evento reprocessado: nada mudou.' : `Evento reprocessado: ${changesWords(r.changes)}.`);
      for (const key of [queryKeys.event, queryKeys.relatedEvents, queryKeys.eventEffect, queryKeys.eventPayload]) {
        void queries.invalidateQueries({ queryKey: key(tenant) });
      }
    },
  });
  return { preview, replay };
}

export const bulkLimit = 500; // events of one bulk replay

/** The ids of the filter's events that may be replayed. Our own reads and quarantined events stay as they are. */
async function replayableIds(fetchPage: FetchPage): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | undefined, more = true; more;) {
    const page = await fetchPage({ limit: 100, cursor });
    ids.push(...page.data.filter((e) => e.source === 'webhook' && e.outcome !== 'quarantined').map((e) => e.id));
    cursor = page.page.nextCursor ?? undefined;
    more = page.page.hasMore && ids.length <= bulkLimit;
  }
  return ids;
}

/** Replays the events of a filter: first what would change, then the change, as an operation that runs on its own. */
export function useBulkReplay(fetchPage: FetchPage) {
  const tenant = useTenant();
  const queries = useQueryClient();
  const call = (events: string[], dryRun: boolean) =>
    body(
      api.POST('/v1/tenants/{tenant}/events/replays', {
        params: { path: { tenant }, header: idempotencyKey() },
        body: { events, dryRun },
      }),
    );
  const preview = useMutation({
    mutationFn: async () => {
      const ids = await replayableIds(fetchPage);
      return { ids, changes: await call(ids, true) };
    },
  });
  const replay = useMutation({ mutationFn: (ids: string[]) => call(ids, false) });
  const readListAnew = () => void queries.invalidateQueries({ queryKey: queryKeys.events(tenant) });
  return { preview, replay, readListAnew };
}
