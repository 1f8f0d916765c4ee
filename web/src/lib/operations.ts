import { useQuery } from '@tanstack/react-query';

import { api, body, type Schema } from './api';
import { useTenant } from './clinic';
import { queryKeys } from './query-keys';

export type Operation = Schema['OperationView'];

/** Long work, looked at twice a second while it runs. */
export function useOperation(id: string | undefined) {
  return useQuery({
    queryKey: queryKeys.operation(id),
    enabled: Boolean(id),
    refetchInterval: (q) => (q.state.data && q.state.data.state !== 'running' ? false : 500),
    queryFn: () => body(api.GET('/v1/operations/{id}', { params: { path: { id: id ?? '' } } })),
  });
}

/** The newest operation of a kind, whoever began it: another person, or the server itself. */
export function useLatestOperation(kind: string, enabled: boolean) {
  const tenant = useTenant();
  return useQuery({
    queryKey: queryKeys.operations(tenant, kind),
    enabled,
    queryFn: async () =>
      (await body(api.GET('/v1/tenants/{tenant}/operations', { params: { path: { tenant } } }))).data?.find(
        (o) => o.kind === kind,
      ) ?? null,
  });
}
