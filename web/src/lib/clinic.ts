import { useQuery } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';

import { api, body, type Schema } from './api';
import { queryKeys } from './query-keys';
import { session } from './session';

export type Connection = Schema['ConnectionView'];

/** The session as it is now. */
export const useSession = () => useSyncExternalStore(session.subscribe, session.state);

/** The person who is logged in; the component is drawn anew when something about them changes. */
export const useMe = () => useSyncExternalStore(session.subscribe, session.me);

/** Id of the clinic that the person works for. The shell shows its pages only to people of a clinic. */
export function useTenant(): string {
  return session.me()?.tenantId ?? '';
}

/** Whether the person may do what `scope` names. */
export function useMay(scope: string): boolean {
  return session.me()?.scopes.includes(scope) ?? false;
}

export function useClinic() {
  const tenant = useTenant();
  return useQuery({
    queryKey: queryKeys.clinic(tenant),
    staleTime: 300_000,
    queryFn: () => body(api.GET('/v1/tenants/{tenant}', { params: { path: { tenant } } })),
  });
}

/** The connection, read again every `every` milliseconds. */
export function useConnection(every = 15_000) {
  const tenant = useTenant();
  return useQuery({
    queryKey: queryKeys.connection(tenant),
    refetchInterval: every,
    queryFn: () => body(api.GET('/v1/tenants/{tenant}/connection', { params: { path: { tenant } } })),
  });
}
