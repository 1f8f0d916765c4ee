import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, body, type Schema } from '../../lib/api';
import { useMay, useTenant } from '../../lib/clinic';
import { usePolling } from '../../lib/live';
import { queryKeys } from '../../lib/query-keys';
import type { InvoiceSearch } from '../../lib/search';
import { stableRows } from '../../lib/stable-rows';
import { announce } from '../../ui/toast';
import { queryOf } from './filter';

type Invoice = Schema['InvoiceView'];

/** The page of invoices that an address names, and how to read it once more. */
export function useInvoices(search: InvoiceSearch) {
  const tenant = useTenant();
  const fetch = () =>
    body(api.GET('/v1/tenants/{tenant}/invoices', { params: { path: { tenant }, query: queryOf(search) } }));
  return { list: useQuery({ queryKey: queryKeys.invoices(tenant, search), ...stableRows, queryFn: fetch }), fetch };
}

const askAgainEvery = 3_000; // milliseconds; an unknown name is read from Asaas within seconds
const mostTries = 6;

/**
 * Names of payers that came after their invoices were listed, by Asaas's id. They are shown in the rows that are there,
 * and no row moves.
 */
export function useLatePayerNames(search: InvoiceSearch, rows: Invoice[] | undefined): Map<string, string> {
  const tenant = useTenant();
  const may = useMay('personal:read');
  const nameless = rows?.filter((v) => v.customer && !v.customerName).map((v) => v.customer) ?? [];
  const lateNames = useQuery({
    queryKey: queryKeys.payerNames(tenant, nameless),
    enabled: may && nameless.length > 0,
    staleTime: Infinity,
    refetchInterval: (q) =>
      q.state.dataUpdateCount < mostTries && nameless.some((id) => !q.state.data?.has(id!)) ? askAgainEvery : false,
    queryFn: async () => {
      const page = await body(
        api.GET('/v1/tenants/{tenant}/invoices', {
          params: {
            path: { tenant },
            query: { ...queryOf(search), include: undefined, fields: 'customer,customerName' },
          },
        }),
      );
      return new Map(
        page.data.flatMap((v) => (v.customer && v.customerName ? [[v.customer, v.customerName] as const] : [])),
      );
    },
  });
  return lateNames.data ?? new Map<string, string>();
}

export function useInvoice(id: string) {
  const tenant = useTenant();
  const polling = usePolling(15_000);
  return useQuery({
    queryKey: queryKeys.invoice(tenant, id),
    refetchInterval: polling,
    queryFn: () => body(api.GET('/v1/tenants/{tenant}/invoices/{id}', { params: { path: { tenant, id } } })),
  });
}

/** The events of an invoice, as of its version. */
export function useInvoiceEvents(invoice: Invoice) {
  const tenant = useTenant();
  return useQuery({
    queryKey: queryKeys.invoiceEvents(tenant, invoice.asaasId, invoice.version),
    queryFn: () =>
      body(
        api.GET('/v1/tenants/{tenant}/events', {
          params: { path: { tenant }, query: { entity: invoice.asaasId, limit: 100 } },
        }),
      ),
  });
}

/** Compares an invoice with Asaas now, and applies what differs. */
export function useReconcileInvoice(id: string) {
  const tenant = useTenant();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      body(api.POST('/v1/tenants/{tenant}/invoices/{id}/reconcile', { params: { path: { tenant, id } } })),
    onSuccess: (r) => {
      announce(r.detail);
      void queries.invalidateQueries({ queryKey: queryKeys.invoice(tenant) });
      void queries.invalidateQueries({ queryKey: queryKeys.invoiceEvents(tenant) });
    },
  });
}
