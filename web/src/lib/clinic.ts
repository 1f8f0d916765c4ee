import { useQuery } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';

import { api, body, type Schema } from './api';
import { queryKeys } from './query-keys';
import { session } from './session';
import { visit } from './visit';

export type Connection = Schema['ConnectionView'];

/** The session as it is now. */
export const useSession = () => useSyncExternalStore(session.subscribe, session.state);

/** The person who is logged in; the component is drawn anew when something about them changes. */
export const useMe = () => useSyncExternalStore(session.subscribe, session.me);

/** The visit of an operator to a clinic that is under way, or null. */
export const useVisit = () => useSyncExternalStore(visit.subscribe, visit.current);

/** Id of the clinic that the person works for, or that an operator sees; '' for an operator who sees none. */
export function useTenant(): string {
  const seen = useVisit();
  return session.me()?.tenantId ?? seen?.tenant ?? '';
}

/** Whether the person may do what `scope` names. */
export function useMay(scope: string): boolean {
  const seen = useVisit();
  if (seen && !scope.endsWith(':read')) return false; // a visit only reads
  return session.me()?.scopes.includes(scope) ?? false;
}

export function useClinic() {
  const tenant = useTenant();
  return useQuery({
    queryKey: queryKeys.clinic(tenant),
    staleTime: 300_000,
    enabled: tenant !== '',
    queryFn: () => body(api.GET('/v1/tenants/{tenant}', { params: { path: { tenant } } })),
  });
}

/** The connection, read again every `every` milliseconds. */
export function useConnection(every = 15_000) {
  const tenant = useTenant();
  return useQuery({
    queryKey: queryKeys.connection(tenant),
    refetchInterval: every,
    enabled: tenant !== '',
    queryFn: () => body(api.GET('/v1/tenants/{tenant}/connection', { params: { path: { tenant } } })),
  });
}
