import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, body, type Schema } from './api';
import { useMay, useTenant } from './clinic';
import { isoDay, money } from './format';
import { queryKeys } from './query-keys';

export type Glance = Schema['GlanceView'];
export type Condition = Schema['ConditionView'];
export type Reminder = Schema['ReminderView'];

const regular = 15_000; // milliseconds; the connection and the comparison are no changes of the feed
const settling = 3_000; // what ends soon by itself is looked at again soon

/** Conditions that end by themselves within a minute, as a rule. */
const passing = (c: Condition) =>
  c.action === 'wait' || c.kind === 'ledger_unopened' || c.kind === 'not_compared' || c.subject === 'never';

/**
 * Whether all is well, and what the money comes to: one request for the first page, and for the line of every money
 * page that says up to when its numbers are known.
 */
export function useGlance() {
  const tenant = useTenant();
  const may = useMay('ledger:read');
  return useQuery({
    queryKey: queryKeys.glance(tenant),
    enabled: may && tenant !== '',
    refetchInterval: ({ state: { data } }) => {
      if (data && data.connection !== 'disconnected' && data.conditions.some(passing)) return settling;
      return regular;
    },
    queryFn: () => body(api.GET('/v1/tenants/{tenant}/glance', { params: { path: { tenant } } })),
  });
}

/** The day that it is in São Paulo by the server's clock, and by the browser's only until the server has said so. */
export const useToday = (): string => useGlance().data?.today ?? isoDay(new Date());

/** Puts a reminder off for so many days; none takes that back. */
export function usePutOff() {
  const tenant = useTenant();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ kind, days }: { kind: Reminder['kind']; days: number }) => {
      const path = { tenant, kind };
      return days > 0
        ? body(api.PUT('/v1/tenants/{tenant}/reminders/{kind}', { params: { path }, body: { days } }))
        : body(api.DELETE('/v1/tenants/{tenant}/reminders/{kind}', { params: { path } }));
    },
    onSettled: () => queries.invalidateQueries({ queryKey: queryKeys.glance(tenant) }),
  });
}

/**
 * How many work items are open, for the menu: as the glance that a page reads tells it. Only where no page has read one
 * yet it is asked for, once.
 */
export function useOpenWorkItems(): number {
  const tenant = useTenant();
  const may = useMay('ledger:read');
  const glance = useQuery({
    queryKey: queryKeys.glance(tenant),
    enabled: (query) => may && query.state.data === undefined,
    queryFn: () => body(api.GET('/v1/tenants/{tenant}/glance', { params: { path: { tenant } } })),
  });
  const kinds = glance.data?.conditions.filter((c) => c.kind === 'work_item') ?? [];
  return kinds.reduce((n, c) => n + c.count, 0);
}

/** Whether the clinic's zeros mean anything: without a connection or an opening of the ledger they are not known. */
export const known = (glance: Glance | undefined): boolean =>
  glance !== undefined && glance.connection !== 'disconnected' && glance.ledgerFrom !== null;

/** Whether there is nothing to show of the clinic: it is not connected, and nothing ever came. */
export const nothingCame = (glance: Glance | undefined): boolean =>
  glance?.connection === 'disconnected' && glance.asOf === null;

/** Writes amounts that are sums: “—” for a zero that is not known. */
export function useKnownMoney(): (cents: number) => string {
  const zeros = known(useGlance().data);
  return (cents) => (cents !== 0 || zeros ? money(cents) : '—');
}

/** Compares the ledger with Asaas's balance now. */
export function useCompareNow() {
  const tenant = useTenant();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => body(api.POST('/v1/tenants/{tenant}/ledger/match', { params: { path: { tenant } } })),
    onSettled: () =>
      Promise.all(
        [
          queryKeys.glance(tenant),
          queryKeys.ledgerEntries(tenant),
          queryKeys.ledgerPeriod(tenant),
          queryKeys.ledgerDifferences(tenant),
        ].map((queryKey) => queries.invalidateQueries({ queryKey })),
      ),
  });
}
