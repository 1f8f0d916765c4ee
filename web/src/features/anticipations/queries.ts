import { useQuery } from '@tanstack/react-query';

import { api, body, type Schema } from '../../lib/api';
import { useTenant } from '../../lib/clinic';
import { searchTerm } from '../../lib/format';
import { advanceFilters } from '../../lib/object-labels';
import { queryKeys } from '../../lib/query-keys';
import type { ListSearch } from '../../lib/search';
import { stableRows } from '../../lib/stable-rows';

/** The orders that the API has for columns of the list. */
const sorts = ['createdAt', '-createdAt', 'amountCents', '-amountCents'];

/** The page of anticipations that an address names, and how to read it once more. */
export function useAnticipations(search: ListSearch) {
  const tenant = useTenant();
  const status =
    search.status && search.status in advanceFilters
      ? [search.status as Schema['AnticipationView']['status']]
      : undefined;
  const sort = (search.ordem && sorts.includes(search.ordem) ? search.ordem : '-createdAt') as '-createdAt';
  const filter = { status, q: search.q && searchTerm(search.q) };
  const fetch = () =>
    body(
      api.GET('/v1/tenants/{tenant}/anticipations', {
        params: { path: { tenant }, query: { limit: 50, cursor: search.cursor, include: 'count', sort, ...filter } },
      }),
    );
  return {
    list: useQuery({ queryKey: queryKeys.anticipations(tenant, search), ...stableRows, queryFn: fetch }),
    fetch,
    filter,
    filtered: status !== undefined || Boolean(search.q),
  };
}
