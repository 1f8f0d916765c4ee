import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';

import type { Schema } from './api';
import { useMay, useTenant } from './clinic';
import { isLive, listKeyOf } from './query-keys';
import { accessToken, renew } from './session';
import { eventsOf } from './sse';

// The clinic's change feed, one connection a tab: details and sums ask again when something
// changed, rows that are shown change in place, and lists learn that there is something new.
// While it does not flow everything is asked for by the clock. A hidden page listens to nothing.

type Entry = Schema['EntryView'];

let flowing = false;
const listeners = new Set<() => void>();

function flows(now: boolean) {
  if (flowing === now) return;
  flowing = now;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** How often to ask while no feed flows, in milliseconds; false while it does. */
export function usePolling(every: number): number | false {
  return useSyncExternalStore(subscribe, () => flowing) ? false : every;
}

/** Listens for the clinic of the session as long as the page is open; once, in the shell. */
export function useLive(): void {
  const tenant = useTenant();
  const may = useMay('feed:read');
  const queries = useQueryClient();
  useEffect(() => {
    if (!tenant || !may) return;
    const feed = new Follower(tenant, queries);
    void feed.run();
    return () => feed.stop();
  }, [tenant, may, queries]);
}

const rests = [500, 1000, 2000, 5000, 10_000, 30_000]; // before the next try, milliseconds
const gathering = 200; // changes of one transaction are told together

class Follower {
  private place = ''; // of the last entry; '' not known yet
  private stopped = false;
  private line = new AbortController();
  private waiting: Entry[] = [];

  constructor(
    private readonly tenant: string,
    private readonly queries: QueryClient,
  ) {
    document.addEventListener('visibilitychange', this.seen);
  }

  stop() {
    this.stopped = true;
    document.removeEventListener('visibilitychange', this.seen);
    this.line.abort();
    flows(false);
  }

  private readonly seen = () => {
    if (document.hidden) this.line.abort();
  };

  async run() {
    for (let failures = 0; !this.stopped;) {
      if (document.hidden)
        await new Promise<void>((go) => document.addEventListener('visibilitychange', () => go(), { once: true }));
      if (document.hidden || this.stopped) continue;
      const opened = await this.listen().catch(() => false);
      flows(false);
      failures = opened ? 0 : failures + 1;
      if (!this.stopped && !document.hidden)
        await new Promise((go) => setTimeout(go, rests[Math.min(failures, rests.length - 1)]));
    }
  }

  /** One connection, from its opening to its end; tells whether it ever flowed. */
  private async listen(): Promise<boolean> {
    this.line = new AbortController();
    if (!this.place) await this.begin();
    const answer = await this.ask('/feed/stream', { 'Last-Event-ID': this.place });
    if (answer.status === 410) return this.reset();
    if (!answer.ok || !answer.body) throw answer;
    flows(true);
    try {
      for await (const event of eventsOf(answer.body)) {
        if (event.name === 'reset') return this.reset();
        if (event.name !== 'change') continue;
        this.place = event.id;
        this.take(JSON.parse(event.data) as Entry);
      }
    } catch (broken) {
      if (!this.line.signal.aborted) throw broken;
    }
    return true;
  }

  private async ask(path: string, headers: Record<string, string> = {}): Promise<Response> {
    const send = async () =>
      fetch(`/v1/tenants/${this.tenant}${path}`, {
        headers: { ...headers, Authorization: `Bearer ${await accessToken()}` },
        signal: this.line.signal,
      });
    const answer = await send();
    return answer.status === 401 && (await renew()) ? send() : answer;
  }

  /** Finds where the feed ends now; what was read before this may be older than that. */
  private async begin() {
    const answer = await this.ask('/feed?limit=0');
    if (!answer.ok) throw answer;
    this.place = String(((await answer.json()) as { newest: number }).newest);
    const known = Date.now();
    void this.queries.invalidateQueries({
      predicate: (q) => isLive(q.queryKey) && q.state.dataUpdatedAt > 0 && q.state.dataUpdatedAt < known,
    });
  }

  /** The place is no longer kept: everything is read anew. */
  private reset(): true {
    this.place = '';
    void this.queries.invalidateQueries({ predicate: (q) => isLive(q.queryKey) });
    return true;
  }

  private take(entry: Entry) {
    this.waiting.push(entry);
    if (this.waiting.length > 1) return;
    setTimeout(() => {
      const entries = this.waiting;
      this.waiting = [];
      changed(this.queries, entries);
    }, gathering);
  }
}

interface Row {
  id: string;
  version: number;
  anticipation?: unknown;
  customerName?: string | null;
}

function changed(queries: QueryClient, entries: Entry[]) {
  for (const entry of entries) {
    const object = entry.object as unknown as Row;
    const queryKey = listKeyOf(entry.type);
    if (!queryKey) continue;
    queries.setQueriesData<{ data?: Row[] }>({ queryKey }, (page) =>
      page?.data ? { ...page, data: page.data.map((row) => newer(row, object)) } : page,
    );
  }
  void queries.invalidateQueries({ predicate: (q) => isLive(q.queryKey) });
}

/** The row as the feed shows it, if it is the same object and younger; its anticipation has entries of its own, and names of payers are not in the feed. */
function newer(row: Row, object: Row): Row {
  return row.id === object.id && object.version > row.version
    ? { ...object, anticipation: row.anticipation, customerName: row.customerName }
    : row;
}
