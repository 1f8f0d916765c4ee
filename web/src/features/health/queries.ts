import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

import { api, body, Failure, ifMatch, idempotencyKey, type Schema } from '../../lib/api';
import { useMay, useTenant, type Connection } from '../../lib/clinic';
import { useLatestOperation, useOperation } from '../../lib/operations';
import { queryKeys } from '../../lib/query-keys';
import { session } from '../../lib/session';
import { announce } from '../../ui/toast';

export type Check = Schema['CheckView'];
export type Comparison = Schema['CertificateView'];
export type Quarter = Schema['QuarterView'];

const checkEvery = 60_000; // milliseconds
const activeFor = 10 * 60_000; // after the last sign of the person

/** The last checks of the connection, and how to make them anew. */
export function useChecks(state: string) {
  const tenant = useTenant();
  const queries = useQueryClient();
  const checks = useQuery({
    queryKey: queryKeys.connectionChecks(tenant, state),
    refetchInterval: 15_000,
    queryFn: () => body(api.GET('/v1/tenants/{tenant}/connection/checks', { params: { path: { tenant } } })),
  });
  const run = useMutation({
    mutationFn: (_by: 'person' | 'page') =>
      body(api.POST('/v1/tenants/{tenant}/connection/checks', { params: { path: { tenant } } })),
    onSuccess: (r, by) => {
      queries.setQueryData(queryKeys.connectionChecks(tenant, state), r);
      if (by === 'person') announce('Verificação concluída.');
    },
    onSettled: () => queries.invalidateQueries({ queryKey: queryKeys.connection(tenant) }),
  });
  useCheckEveryMinute(run.mutateAsync);
  return { checks, run };
}

/**
 * Checks the connection each minute while somebody has this page before them: a paused queue is seen within that
 * minute. Each costs the clinic's quota at Asaas six reads, so a page that is hidden, or whose reader left ten
 * minutes ago, leaves it to the server's own schedule.
 */
function useCheckEveryMinute(check: (by: 'page') => Promise<unknown>) {
  const may = useMay('connection:write');
  useEffect(() => {
    if (!may) return;
    let timer: ReturnType<typeof setTimeout>;
    const turn = async () => {
      let next = checkEvery;
      if (
        document.visibilityState === 'visible' &&
        session.state() === 'in' &&
        Date.now() - session.activeAt() < activeFor
      ) {
        await check('page').catch((e: unknown) => {
          // Somebody checked less than a minute ago.
          if (e instanceof Failure && e.retryAfter > 0) next = Math.min(e.retryAfter * 1000, checkEvery);
        });
      }
      timer = setTimeout(() => void turn(), next);
    };
    timer = setTimeout(() => void turn(), 0);
    return () => clearTimeout(timer);
  }, [may, check]);
}

/** The deliveries of the last day, by quarters of an hour. */
export function useTraffic() {
  const tenant = useTenant();
  return useQuery({
    queryKey: queryKeys.connectionTraffic(tenant),
    refetchInterval: 60_000,
    queryFn: () => body(api.GET('/v1/tenants/{tenant}/connection/traffic', { params: { path: { tenant } } })),
  });
}

const fetchComparisons = (tenant: string) =>
  body(api.GET('/v1/tenants/{tenant}/certificates', { params: { path: { tenant } } }));

/** The comparisons with Asaas, the newest first. */
export function useComparisons() {
  const tenant = useTenant();
  return useQuery({ queryKey: queryKeys.comparisons(tenant), queryFn: () => fetchComparisons(tenant) });
}

/** What the comparison of an operation found; null while there is none. */
export function useComparisonOf(operation: string) {
  const tenant = useTenant();
  return useQuery({
    queryKey: queryKeys.comparisons(tenant, operation),
    queryFn: async () => (await fetchComparisons(tenant)).data?.find((c) => c.id === operation) ?? null,
  });
}

/** Compares with Asaas now; the list of comparisons is read anew when that has ended. */
export function useCompare(version: number) {
  const tenant = useTenant();
  const queries = useQueryClient();
  const [id, setId] = useState<string>();
  const operation = useOperation(id).data;
  const ended = operation && operation.state !== 'running';
  const run = useMutation({
    mutationFn: () =>
      body(
        api.POST('/v1/tenants/{tenant}/reconcile', {
          params: { path: { tenant }, header: { ...ifMatch(version), ...idempotencyKey() } },
          body: {},
        }),
      ),
    onSuccess: (o) => setId(o.id),
  });
  useEffect(() => {
    if (ended) void queries.invalidateQueries({ queryKey: queryKeys.comparisons(tenant) });
  }, [ended, queries, tenant]);
  return { run, busy: run.isPending || (operation !== undefined && !ended) };
}

/** Reactivates a paused queue; when somebody else was first, their reactivation is the one that is shown. */
export function useReactivate(conn: Connection) {
  const tenant = useTenant();
  const queries = useQueryClient();
  const start = useMutation({
    mutationFn: () =>
      body(
        api.POST('/v1/tenants/{tenant}/connection/webhook/reactivate', {
          params: { path: { tenant }, header: { ...ifMatch(conn.version), ...idempotencyKey() } },
        }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: queryKeys.connection(tenant) }),
  });
  // Of another person, or of the server itself.
  const theirs = useLatestOperation('connection.reactivate', start.isError).data ?? undefined;
  const begun = start.data ?? theirs;
  return { start, operation: useOperation(begun?.id).data ?? begun };
}
