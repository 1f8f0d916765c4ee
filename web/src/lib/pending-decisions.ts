import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';

import { api, body, ifMatch } from './api';
import { session } from './session';
import { Decisions, type Decision } from './decisions';
import { queryKeys } from './query-keys';

// The decisions of this page, with the API, the cache and the browser around them.

let queries: QueryClient | undefined;
let say: (text: string) => void = () => undefined;

const tenant = () => session.me()?.tenantId ?? '';

function send({ item, answer, key }: Decision, leaving: boolean) {
  return body(
    api.POST('/v1/tenants/{tenant}/work-items/{id}/resolve', {
      params: {
        path: { tenant: tenant(), id: item.id },
        header: { ...ifMatch(item.version), 'Idempotency-Key': key },
      },
      body: answer,
      keepalive: leaving,
    }),
  );
}

export const decisions = new Decisions({
  send,
  settled: ({ item }, done) => {
    if (done) queries?.setQueryData(queryKeys.workItem(tenant(), item.id), done);
    for (const queryKey of [
      ...(done ? [] : [queryKeys.workItem(tenant(), item.id)]),
      queryKeys.workItems(tenant()),
      queryKeys.glance(tenant()),
      queryKeys.ledgerPeriod(tenant()),
      queryKeys.ledgerDifferences(tenant()),
      queryKeys.ledgerEntries(tenant()),
    ])
      void queries?.invalidateQueries({ queryKey });
    say(done ? 'Pendência resolvida.' : 'A decisão não foi aceita. Veja a pendência.');
  },
  after: (milliseconds, then) => {
    const timer = setTimeout(then, milliseconds);
    return () => clearTimeout(timer);
  },
});

/** The decisions that are not settled, by their items. */
export const useDecisions = () => useSyncExternalStore(decisions.subscribe, decisions.all);

/**
 * Keeps the decisions while a person is logged in: `toast` says what became of each. The token lives for half a minute
 * at least after every use and the window is shorter, so what is sent when the page goes away carries a good one.
 */
export function useSendingOnLeave(toast: (text: string) => void): void {
  const client = useQueryClient();
  useEffect(() => {
    [queries, say] = [client, toast];
    const leave = () => void decisions.flush(true);
    window.addEventListener('pagehide', leave);
    return () => window.removeEventListener('pagehide', leave);
  }, [client, toast]);
}
