import { useQuery } from '@tanstack/react-query';

import { api, body } from './api';
import { useMay, useTenant } from './clinic';
import { searchTerm } from './format';
import { queryKeys } from './query-keys';

const least = 3; // characters: fewer find too much

/** The invoices that a text finds, few of them; the payers in them are found with them. */
export function usePaletteSearch(text: string) {
  const tenant = useTenant();
  const may = useMay('invoices:read');
  const q = text.trim();
  return useQuery({
    queryKey: queryKeys.paletteSearch(tenant, q),
    enabled: may && q.length >= least,
    queryFn: () =>
      body(
        api.GET('/v1/tenants/{tenant}/invoices', {
          params: { path: { tenant }, query: { q: searchTerm(q), limit: 7 } },
        }),
      ),
  });
}
