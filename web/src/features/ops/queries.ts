import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, body, idempotencyKey, type Schema } from '../../lib/api';
import { queryKeys } from '../../lib/query-keys';
import type { FleetSearch } from '../../lib/search';

const every = 15_000; // milliseconds: as often as the fleet is counted

type FleetQuery = { sort?: 'loss'; concern?: 'loss'; connection?: 'paused'[]; state?: 'suspended' | 'active' };

/** What the address of the list asks of the API. */
const queryOf = (s: FleetSearch) => ({
  sort: s.ordem as FleetQuery['sort'],
  concern: s.tema as FleetQuery['concern'],
  connection: s.situacao ? ([s.situacao] as FleetQuery['connection']) : undefined,
  state: (s.suspensas ? 'suspended' : s.situacao ? 'active' : undefined) as FleetQuery['state'],
  q: s.q,
  cursor: s.cursor,
  include: 'count' as const,
});

export function useFleet(search: FleetSearch) {
  const query = queryOf(search);
  return useQuery({
    queryKey: queryKeys.fleet(query),
    refetchInterval: every,
    queryFn: async () => {
      const page = await body(api.GET('/v1/ops/fleet', { params: { query } }));
      return { ...page, data: page.data.map((clinic) => ({ ...clinic, id: clinic.tenantId })) };
    },
  });
}

export type FleetRow = Schema['FleetClinicView'] & { id: string };

/** One clinic's row of the fleet; undefined data: there is none of this id. */
export function useFleetClinic(id: string) {
  const query = { q: id };
  return useQuery({
    queryKey: queryKeys.fleet(query),
    refetchInterval: every,
    queryFn: async () => (await body(api.GET('/v1/ops/fleet', { params: { query } }))).data[0] ?? null,
  });
}

export function useOverview() {
  return useQuery({
    queryKey: queryKeys.fleetOverview(),
    refetchInterval: every,
    queryFn: () => body(api.GET('/v1/ops/overview')),
  });
}

export type Work = Schema['FleetOperationView'];

export function useWork(state: 'running' | 'failed' | '') {
  return useQuery({
    queryKey: queryKeys.fleetOperations(state),
    refetchInterval: 5_000,
    queryFn: () => body(api.GET('/v1/ops/operations', { params: { query: { state: state || undefined } } })),
  });
}

export type Alarm = Schema['AlarmView'];

export function useAlarms(cursor: string | undefined) {
  const query = { cursor, state: 'open' as const };
  return useQuery({
    queryKey: queryKeys.fleetAlarms(query),
    refetchInterval: every,
    queryFn: () => body(api.GET('/v1/ops/alarms', { params: { query } })),
  });
}

export function useUnclaimed() {
  return useQuery({
    queryKey: queryKeys.unclaimed(),
    refetchInterval: every,
    queryFn: () => body(api.GET('/v1/ops/unclaimed')),
  });
}

export type PlatformAct = Schema['AuditView'];

export function usePlatformAudit(cursor: string | undefined) {
  return useQuery({
    queryKey: queryKeys.platformAudit(cursor ?? ''),
    queryFn: () => body(api.GET('/v1/ops/audit', { params: { query: { cursor } } })),
  });
}

export type Action = Schema['ActionView'];
export type ActionKind = Action['kind'];
export type ActionItem = Schema['ActionItemView'];

type Preview = Schema['PreviewActionInputBody'];

/** The newest actions on many clinics. */
export function useActions() {
  return useQuery({
    queryKey: queryKeys.fleetActions(''),
    refetchInterval: 5_000,
    queryFn: () => body(api.GET('/v1/ops/actions')),
  });
}

/** One action with its clinics, looked at each second while it runs. */
export function useAction(id: string) {
  return useQuery({
    queryKey: queryKeys.fleetActions(id),
    refetchInterval: (q) => (q.state.data && q.state.data.state !== 'running' && !q.state.data.running ? false : 1_000),
    queryFn: () => body(api.GET('/v1/ops/actions/{id}', { params: { path: { id } } })),
  });
}

/** Freezes the clinics that the address of the page names. */
export function usePreviewAction() {
  return useMutation({
    mutationFn: ({ kind, search }: { kind: ActionKind; search: FleetSearch }) =>
      body(
        api.POST('/v1/ops/actions', {
          params: { header: idempotencyKey() },
          body: {
            kind,
            concern: search.tema as Preview['concern'],
            connection: search.situacao as Preview['connection'],
            q: search.q,
          },
        }),
      ),
  });
}

/** Begins or stops an action, and shows how far it is then. */
export function useBeginAction(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (reason: string) =>
      body(
        api.POST('/v1/ops/actions/{id}/begin', {
          params: { path: { id }, header: idempotencyKey() },
          body: { reason },
        }),
      ),
    onSuccess: (action) => cache.setQueryData(queryKeys.fleetActions(id), action),
  });
}

/** Leaves every clinic alone that is not begun. */
export function useStopAction(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () =>
      body(api.POST('/v1/ops/actions/{id}/stop', { params: { path: { id }, header: idempotencyKey() } })),
    onSuccess: (action) => cache.setQueryData(queryKeys.fleetActions(id), action),
  });
}
