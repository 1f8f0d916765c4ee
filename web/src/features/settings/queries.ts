import { useQuery } from '@tanstack/react-query';

import { api, body, type Schema } from '../../lib/api';
import { useTenant } from '../../lib/clinic';
import { queryKeys } from '../../lib/query-keys';

export type User = Schema['UserView'];

/** The clinic's people, a page of them. */
export function useUsers(cursor?: string) {
  const tenant = useTenant();
  return useQuery({
    queryKey: queryKeys.users(tenant, cursor),
    queryFn: () => body(api.GET('/v1/tenants/{tenant}/users', { params: { path: { tenant }, query: { limit: 50, cursor } } })),
  });
}
