import type { QueryClient } from '@tanstack/react-query';

import { isLive, listKeyOf } from './query-keys';
import type { components } from './schema';
import { eventsOf } from './sse';

// The clinic's change feed, one connection a tab. When something changed, details and sums
// are asked for again, rows on screen change in place, and lists learn that there are new
// rows. While the feed does not flow, everything is asked for by the clock instead. A hidden
// page listens to nothing.

type Entry = components['schemas']['EntryView'];

/** What following the feed needs of the browser. */
export interface Browser {
  /** Sends a request below the clinic's address, with the session's token. */
  request: (path: string, headers: Record<string, string>, signal: AbortSignal) => Promise<Response>;
  page: Pick<Document, 'hidden' | 'addEventListener' | 'removeEventListener'>;
  sleep: (milliseconds: number) => Promise<void>;
}

let flowing = false;
const listeners = new Set<() => void>();

function setFlowing(now: boolean) {
  if (flowing === now) return;
  flowing = now;
  for (const listener of listeners) listener();
}

/** Whether the feed flows, as components read it. */
export const feedState = {
  flows: () => flowing,
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
};

export const retryDelays = [500, 1000, 2000, 5000, 10_000, 30_000]; // milliseconds before the next try, by how many failed
const batchDelay = 200; // milliseconds in which the changes of one transaction arrive

/** Follows the feed of a clinic until it is stopped, and keeps the cached answers true by it. */
export class FeedFollower {
  private cursor = ''; // of the last entry; '' while it is not known where the feed ends
  private stopped = false;
  private connection = new AbortController();
  private batch: Entry[] = [];

  constructor(
    private readonly queries: QueryClient,
    private readonly browser: Browser,
  ) {
    browser.page.addEventListener('visibilitychange', this.closeWhenHidden);
  }

  stop() {
    this.stopped = true;
    this.browser.page.removeEventListener('visibilitychange', this.closeWhenHidden);
    this.connection.abort();
    setFlowing(false);
  }

  private readonly closeWhenHidden = () => {
    if (this.browser.page.hidden) this.connection.abort();
  };

  /** Connects again and again, with longer pauses the more tries failed. */
  async run() {
    const { page, sleep } = this.browser;
    for (let failures = 0; !this.stopped;) {
      if (page.hidden) await this.visibilityChange();
      if (page.hidden || this.stopped) continue;
      const flowed = await this.listen().catch(() => false);
      setFlowing(false);
      failures = flowed ? 0 : failures + 1;
      if (!this.stopped && !page.hidden) await sleep(retryDelays[Math.min(failures, retryDelays.length - 1)]!);
    }
  }

  private visibilityChange(): Promise<void> {
    return new Promise((changed) => {
      this.browser.page.addEventListener('visibilitychange', () => changed(), { once: true });
    });
  }

  /** Holds one connection from its opening to its end; returns whether it ever flowed. */
  private async listen(): Promise<boolean> {
    this.connection = new AbortController();
    if (!this.cursor) await this.findEnd();
    const answer = await this.request('/feed/stream', { 'Last-Event-ID': this.cursor });
    if (answer.status === 410) return this.reset();
    if (!answer.ok || !answer.body) throw answer;
    setFlowing(true);
    try {
      for await (const event of eventsOf(answer.body)) {
        if (event.name === 'reset') return this.reset();
        if (event.name !== 'change') continue;
        this.cursor = event.id;
        this.add(JSON.parse(event.data) as Entry);
      }
    } catch (broken) {
      if (!this.connection.signal.aborted) throw broken;
    }
    return true;
  }

  private request(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return this.browser.request(path, headers, this.connection.signal);
  }

  /** Finds where the feed ends now. Answers that were read before this may miss a change, so they are read again. */
  private async findEnd() {
    const answer = await this.request('/feed?limit=0');
    if (!answer.ok) throw answer;
    this.cursor = String(((await answer.json()) as { newest: number }).newest);
    const known = Date.now();
    this.readAgain((updatedAt) => updatedAt > 0 && updatedAt < known);
  }

  /** The server no longer keeps the cursor's place, so everything is read anew. */
  private reset(): true {
    this.cursor = '';
    this.readAgain();
    return true;
  }

  /** Adds an entry to the batch that is applied once the changes of its transaction have arrived. */
  private add(entry: Entry) {
    this.batch.push(entry);
    if (this.batch.length > 1) return;
    void this.browser.sleep(batchDelay).then(() => {
      const entries = this.batch;
      this.batch = [];
      for (const e of entries) changeRows(this.queries, e);
      this.readAgain();
    });
  }

  private readAgain(when: (updatedAt: number) => boolean = () => true) {
    void this.queries.invalidateQueries({ predicate: (q) => isLive(q.queryKey) && when(q.state.dataUpdatedAt) });
  }
}

interface Row {
  id: string;
  version: number;
  anticipation?: unknown;
  customerName?: string | null;
}

/** Replaces the rows on screen that show the object of the entry. */
function changeRows(queries: QueryClient, entry: Entry) {
  const queryKey = listKeyOf(entry.type);
  if (!queryKey) return;
  const object = entry.object as unknown as Row;
  queries.setQueriesData<{ data?: Row[] }>({ queryKey }, (page) =>
    page?.data ? { ...page, data: page.data.map((row) => newerRow(row, object)) } : page,
  );
}

/**
 * The row as the feed shows it, if that is a later version of the same object. Two things stay as they are: the
 * anticipation, which has entries of its own, and the payer's name, which is not in the feed.
 */
function newerRow(row: Row, object: Row): Row {
  if (row.id !== object.id || object.version <= row.version) return row;
  return { ...object, anticipation: row.anticipation, customerName: row.customerName };
}
