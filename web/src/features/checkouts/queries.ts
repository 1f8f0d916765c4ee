import { useQuery } from '@tanstack/react-query';

import { api, body, type Schema } from '../../lib/api';
import { useTenant } from '../../lib/clinic';
import { searchTerm } from '../../lib/format';
import { usePolling } from '../../lib/live';
import { checkoutFilters } from '../../lib/object-labels';
import { queryKeys } from '../../lib/query-keys';
import type { ListSearch } from '../../lib/search';
import { stableRows } from '../../lib/stable-rows';

type Checkout = Schema['CheckoutView'];

/** The orders that the API has for columns of the list. */
const sorts = ['createdAt', '-createdAt', 'amountCents', '-amountCents'];

/** The throw-away checkouts by which a connection is tried are no business of the clinic's: Eventos has them. */
const tests = 'without' as const;

/** The page of checkouts that an address names, and how to read it once more. */
export function useCheckouts(search: ListSearch) {
  const tenant = useTenant();
  const status = search.status && search.status in checkoutFilters ? [search.status as Checkout['status']] : undefined;
  const sort = (search.ordem && sorts.includes(search.ordem) ? search.ordem : '-createdAt') as '-createdAt';
  const filter = { status, q: search.q && searchTerm(search.q), tests };
  const fetch = () =>
    body(
      api.GET('/v1/tenants/{tenant}/checkouts', {
        params: { path: { tenant }, query: { limit: 50, cursor: search.cursor, include: 'count', sort, ...filter } },
      }),
    );
  return {
    list: useQuery({ queryKey: queryKeys.checkouts(tenant, search), ...stableRows, queryFn: fetch }),
    fetch,
    filter,
    filtered: status !== undefined || Boolean(search.q),
  };
}

/** How many checkouts there are in each state, and what they come to: all, or those that a text finds. */
export function useCheckoutSums(typed?: string) {
  const tenant = useTenant();
  const polling = usePolling(30_000);
  const query = { q: typed && searchTerm(typed), tests };
  return useQuery({
    queryKey: queryKeys.sums(tenant, 'checkouts', query),
    refetchInterval: polling,
    queryFn: () => body(api.GET('/v1/tenants/{tenant}/checkouts/summary', { params: { path: { tenant }, query } })),
  });
}

export function useCheckout(id: string) {
  const tenant = useTenant();
  const polling = usePolling(15_000);
  return useQuery({
    queryKey: queryKeys.checkout(tenant, id),
    refetchInterval: polling,
    queryFn: () => body(api.GET('/v1/tenants/{tenant}/checkouts/{id}', { params: { path: { tenant, id } } })),
  });
}

/** The invoices that came of a checkout, as of its version. */
export function useCheckoutInvoices(checkout: Checkout) {
  const tenant = useTenant();
  return useQuery({
    queryKey: queryKeys.checkoutInvoices(tenant, checkout.asaasId, checkout.version),
    queryFn: () =>
      body(
        api.GET('/v1/tenants/{tenant}/invoices', {
          params: { path: { tenant }, query: { checkoutSession: checkout.asaasId, limit: 100 } },
        }),
      ),
  });
}

/** The events of a checkout, as of its version. */
export function useCheckoutEvents(checkout: Checkout) {
  const tenant = useTenant();
  return useQuery({
    queryKey: queryKeys.checkoutEvents(tenant, checkout.asaasId, checkout.version),
    queryFn: () =>
      body(
        api.GET('/v1/tenants/{tenant}/events', {
          params: { path: { tenant }, query: { entity: checkout.asaasId, limit: 100 } },
        }),
      ),
  });
}
