import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, body, idempotencyKey, ifMatch, type Schema } from '../../lib/api';
import { useTenant } from '../../lib/clinic';
import { queryKeys } from '../../lib/query-keys';
import { toast } from '../../ui/toast';

export type Endpoint = Schema['EndpointView'];
export type EndpointType = NonNullable<Schema['NewEndpoint']['types']>[number];
export type Delivery = Schema['EndpointDeliveryView'];

/** What a person says of a system that is to learn of changes. */
export interface EndpointValues {
  url: string;
  description: string;
  types: EndpointType[];
  payload: Endpoint['payload'];
}

const watched = 5_000; // milliseconds; what is sent is no change of the feed

/** The addresses that changes are sent to, the newest first. */
export function useEndpoints(cursor?: string) {
  const tenant = useTenant();
  return useQuery({
    queryKey: queryKeys.endpoints(tenant, cursor),
    refetchInterval: watched,
    queryFn: () =>
      body(api.GET('/v1/tenants/{tenant}/endpoints', { params: { path: { tenant }, query: { limit: 20, cursor } } })),
  });
}

/** One of them. */
export function useEndpoint(id: string) {
  const tenant = useTenant();
  return useQuery({
    queryKey: queryKeys.endpoint(tenant, id),
    refetchInterval: watched,
    queryFn: () => body(api.GET('/v1/tenants/{tenant}/endpoints/{id}', { params: { path: { tenant, id } } })),
  });
}

/** The tries of the last seven days, the newest first. */
export function useDeliveries(id: string, state: 'all' | 'failed', cursor?: string) {
  const tenant = useTenant();
  return useQuery({
    queryKey: queryKeys.endpointDeliveries(tenant, id, state, cursor),
    refetchInterval: cursor ? false : 2_000,
    queryFn: () =>
      body(
        api.GET('/v1/tenants/{tenant}/endpoints/{id}/deliveries', {
          params: { path: { tenant, id }, query: { limit: 20, state, cursor } },
        }),
      ),
  });
}

/** Makes an endpoint; the answer is the only one that holds its secret. */
export function useAddEndpoint(added: (endpoint: Endpoint) => void) {
  const tenant = useTenant();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (values: EndpointValues) =>
      body(
        api.POST('/v1/tenants/{tenant}/endpoints', {
          params: { path: { tenant }, header: idempotencyKey() },
          body: values,
        }),
      ),
    onSuccess: (endpoint) => {
      void queries.invalidateQueries({ queryKey: queryKeys.endpoints(tenant) });
      added(endpoint);
    },
  });
}

/** Changes an endpoint. */
export function useChangeEndpoint(endpoint: Endpoint, changed: () => void) {
  const tenant = useTenant();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (values: EndpointValues) =>
      body(
        api.PATCH('/v1/tenants/{tenant}/endpoints/{id}', {
          params: { path: { tenant, id: endpoint.id }, header: ifMatch(endpoint.version) },
          body: values,
        }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: queryKeys.endpoint(tenant, endpoint.id) }),
    onSuccess: () => {
      toast('Salvo.');
      changed();
    },
  });
}

type Action = 'pause' | 'resume' | 'test';

const said: Record<Action, string> = {
  pause: 'Envio parado. Nada se perde: ele continua de onde está.',
  resume: 'Envio retomado.',
  test: 'Teste pedido.',
};

/** Stops, goes on, or asks for one delivery that only says that deliveries arrive. */
export function useEndpointAction(id: string, action: Action) {
  const tenant = useTenant();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (_: undefined) =>
      body(
        api.POST(`/v1/tenants/{tenant}/endpoints/{id}/${action}`, {
          params: { path: { tenant, id } },
        }),
      ),
    onSuccess: () => toast(said[action]),
    onSettled: () =>
      Promise.all(
        [queryKeys.endpoint(tenant, id), queryKeys.endpointDeliveries(tenant, id)].map((queryKey) =>
          queries.invalidateQueries({ queryKey }),
        ),
      ),
  });
}

/** Gives an endpoint a new secret; the answer is the only one that holds it. */
export function useRotateSecret(id: string, rotated: (endpoint: Endpoint) => void) {
  const tenant = useTenant();
  return useMutation({
    mutationFn: (_: undefined) =>
      body(
        api.POST('/v1/tenants/{tenant}/endpoints/{id}/secret/rotate', {
          params: { path: { tenant, id }, header: idempotencyKey() },
        }),
      ),
    onSuccess: rotated,
  });
}

/** Sends again everything since an instant. */
export function useReplayEndpoint(id: string, since: () => string) {
  const tenant = useTenant();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (_: undefined) =>
      body(
        api.POST('/v1/tenants/{tenant}/endpoints/{id}/replay', {
          params: { path: { tenant, id } },
          body: { since: since() },
        }),
      ),
    onSuccess: () => toast('Reenvio começado.'),
    onSettled: () => queries.invalidateQueries({ queryKey: queryKeys.endpoint(tenant, id) }),
  });
}

/** Forgets an endpoint and its deliveries. */
export function useDeleteEndpoint(id: string, gone: () => void) {
  const tenant = useTenant();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (_: undefined) =>
      body(api.DELETE('/v1/tenants/{tenant}/endpoints/{id}', { params: { path: { tenant, id } } })),
    onSuccess: () => {
      toast('Sistema removido.');
      void queries.invalidateQueries({ queryKey: queryKeys.endpoints(tenant) });
      gone();
    },
  });
}
