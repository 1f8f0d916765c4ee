import { useQuery } from '@tanstack/react-query';

import { api, body, type Schema } from './api';
import { useTenant } from './clinic';
import { useToday } from './glance';
import { usePolling } from './live';
import { dayBegin, dayEnd, monthOf } from './period';
import { queryKeys } from './query-keys';
import type { operations } from './schema';

// Sums of invoices. Two pages that show the same number ask for it with the same filter,
// which stands here, so that their numbers cannot differ.

type Query = NonNullable<operations['getInvoiceSummary']['parameters']['query']>;
type Status = Schema['InvoiceView']['status'];

/** The statuses in which the payer has paid and has not been given back. */
export const paid: Status[] = ['confirmed', 'received', 'received_in_cash', 'collected'];

/** The statuses of an anticipation that was credited, also when more came after. */
export const advanced = new Set(['credited', 'debited', 'overdue']);

/** The filters of the sums that more than one page shows; days are São Paulo's. */
export const sumFilters = {
  overdue: (): Query => ({ status: ['overdue'] }),
  paidThisMonth: (today: string): Query => ({
    status: paid,
    'paidAt[gte]': dayBegin(monthOf(today).from),
    'paidAt[lte]': dayEnd(monthOf(today).to),
  }),
};

/** What the invoices of a filter come to. */
export function useInvoiceSums(query: Query, enabled = true) {
  const tenant = useTenant();
  const polling = usePolling(30_000);
  return useQuery({
    queryKey: queryKeys.sums(tenant, 'invoices', query),
    enabled,
    refetchInterval: polling,
    queryFn: () => body(api.GET('/v1/tenants/{tenant}/invoices/summary', { params: { path: { tenant }, query } })),
  });
}

/** What the anticipations of this month brought and cost. */
export function useAdvanceSumsOfMonth() {
  const { from, to } = monthOf(useToday());
  return useAdvanceSums({ 'anticipationDate[gte]': from, 'anticipationDate[lte]': to });
}

/** What anticipations brought and cost by status: all of them, or those of a filter. */
export function useAdvanceSums(query: NonNullable<operations['getAnticipationSummary']['parameters']['query']> = {}) {
  const tenant = useTenant();
  const polling = usePolling(30_000);
  return useQuery({
    queryKey: queryKeys.sums(tenant, 'anticipations', query),
    refetchInterval: polling,
    queryFn: () => body(api.GET('/v1/tenants/{tenant}/anticipations/summary', { params: { path: { tenant }, query } })),
  });
}
