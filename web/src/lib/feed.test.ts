import { QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { FeedFollower, feedState, type Browser } from './feed';
import { queryKeys } from './query-keys';

// The follower before a server and a page of a few lines. Every pause it asks for is
// written down and over at once, so no test waits.

const tenant = 'ten_1';
let queries: QueryClient;
let page: EventTarget & { hidden: boolean };
let server: ScriptedServer;
let follower: FeedFollower;
let pauses: number[];

/** Answers each opening of the stream by the next step of a script; when that is over the follower is stopped. */
class ScriptedServer {
  asked: { path: string; lastEventId: string | undefined }[] = [];
  streams: ReadableStreamDefaultController<Uint8Array>[] = [];
  openings: ('flow' | number)[] = ['flow'];
  newest = 7;

  async request(path: string, headers: Record<string, string>, signal: AbortSignal): Promise<Response> {
    this.asked.push({ path, lastEventId: headers['Last-Event-ID'] });
    if (path === '/feed?limit=0') return Response.json({ newest: this.newest });
    const opening = this.openings.shift();
    if (opening === undefined) follower.stop();
    if (typeof opening === 'number') return new Response('{}', { status: opening });
    const body = new ReadableStream<Uint8Array>({
      start: (stream) => {
        this.streams.push(stream);
        signal.addEventListener('abort', () => stream.error(signal.reason), { once: true });
        if (signal.aborted) stream.error(signal.reason);
      },
    });
    return new Response(body);
  }

  get placesAskedFrom() {
    return this.asked.filter(({ path }) => path === '/feed/stream').map(({ lastEventId }) => lastEventId);
  }

  send(name: string, id: string, data: unknown) {
    this.streams
      .at(-1)!
      .enqueue(new TextEncoder().encode(`id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`));
  }
}

/** Waits for a condition; how long that takes is no property of the code. */
const eventually = (check: () => void) => vi.waitFor(check, { timeout: 30_000, interval: 2 });

const change = (id: string, version: number, more: object = {}) => ({
  type: 'invoice.updated',
  object: { id, version, status: 'received', anticipation: null, ...more },
});

/** Puts an answer into the cache as it was read some time ago. */
function cache(key: readonly unknown[], data: unknown) {
  queries.setQueryData(key, data, { updatedAt: Date.now() - 1000 });
}

const stale = (key: readonly unknown[]) => queries.getQueryState(key)?.isInvalidated;

beforeEach(() => {
  queries = new QueryClient();
  page = Object.assign(new EventTarget(), { hidden: false });
  server = new ScriptedServer();
  pauses = [];
  const browser: Browser = {
    request: (...call) => server.request(...call),
    page: page as unknown as Browser['page'],
    sleep: async (milliseconds) => void pauses.push(milliseconds),
  };
  follower = new FeedFollower(queries, browser);
});

afterEach(() => {
  follower.stop();
  queries.clear();
});

test('it begins where the feed ends, and reads again what was read before that', async () => {
  cache(queryKeys.invoice(tenant, 'pay_1'), {});
  cache(queryKeys.clinic(tenant), {});
  void follower.run();
  await eventually(() => expect(feedState.flows()).toBe(true));
  expect(server.placesAskedFrom).toEqual(['7']);
  expect(stale(queryKeys.invoice(tenant, 'pay_1'))).toBe(true);
  expect(stale(queryKeys.clinic(tenant)), 'the feed says nothing of it').toBe(false);
});

test('a change makes details and sums stale, and replaces the row on screen where it stands', async () => {
  const rows = [
    { id: 'pay_2', version: 1, status: 'pending', anticipation: null, customerName: 'Bia' },
    { id: 'pay_1', version: 1, status: 'pending', anticipation: { id: 'ant_1' }, customerName: 'Ana' },
  ];
  void follower.run();
  await eventually(() => expect(feedState.flows()).toBe(true));
  cache(queryKeys.invoices(tenant, {}), { data: rows });
  cache(queryKeys.sums(tenant, 'invoices', {}), {});
  server.send('change', '8', change('pay_1', 2));
  await eventually(() => expect(stale(queryKeys.sums(tenant, 'invoices', {}))).toBe(true));
  expect(queries.getQueryData(queryKeys.invoices(tenant, {}))).toEqual({
    data: [rows[0], { ...rows[1], version: 2, status: 'received' }], // the name and the anticipation stay
  });
  expect(stale(queryKeys.invoices(tenant, {})), 'no row moves').toBe(false);
});

test('an entry that comes twice or late changes no row, and one that is new to us nothing at all', async () => {
  void follower.run();
  await eventually(() => expect(feedState.flows()).toBe(true));
  const page1 = { data: [{ id: 'pay_1', version: 5, status: 'pending' }] };
  cache(queryKeys.invoices(tenant, {}), page1);
  cache(queryKeys.glance(tenant), {});
  server.send('change', '8', change('pay_1', 5));
  server.send('change', '9', change('pay_1', 4));
  server.send('change', '10', { ...change('pay_1', 6), type: 'pet.blessed' });
  await eventually(() => expect(stale(queryKeys.glance(tenant))).toBe(true));
  expect(queries.getQueryData(queryKeys.invoices(tenant, {}))).toEqual(page1);
});

test('a broken stream goes on behind its last entry, and until then everything polls', async () => {
  server.openings = ['flow', 503, 'flow'];
  const states: boolean[] = [];
  const unsubscribe = feedState.subscribe(() => states.push(feedState.flows()));
  void follower.run();
  await eventually(() => expect(feedState.flows()).toBe(true));
  server.send('change', '8', change('pay_1', 2));
  await eventually(() => expect(pauses).toContain(200)); // the entry has arrived
  server.streams[0]!.error(new Error('the line is down'));
  await eventually(() => expect(server.streams).toHaveLength(2));
  await eventually(() => expect(states).toEqual([true, false, true]));
  expect(server.placesAskedFrom).toEqual(['7', '8', '8']);
  unsubscribe();
});

test('the more tries fail, the longer it waits, and never more than half a minute', async () => {
  server.openings = [503, 503, 503, 503, 503, 503, 503];
  await follower.run();
  expect(pauses).toEqual([1000, 2000, 5000, 10_000, 30_000, 30_000, 30_000]);
});

for (const [how, begin] of [
  ['before the stream opened', () => void (server.openings = [410, 'flow'])],
  ['in the middle of the stream', () => void (server.openings = ['flow', 'flow'])],
] as const) {
  test(`a place that is no longer kept, told ${how}, makes everything be read again`, async () => {
    begin();
    const midway = server.openings[0] === 'flow';
    void follower.run();
    if (midway) await eventually(() => expect(feedState.flows()).toBe(true));
    const later = { updatedAt: Date.now() + 60_000 }; // than any place in the feed
    queries.setQueryData(queryKeys.invoice(tenant, 'pay_1'), {}, later);
    server.newest = 90;
    if (midway) server.send('reset', '', {});
    await eventually(() => expect(server.placesAskedFrom).toEqual(['7', '90']));
    expect(stale(queryKeys.invoice(tenant, 'pay_1'))).toBe(true);
  });
}

test('a hidden page closes its connection, and a shown one opens it again', async () => {
  server.openings = ['flow', 'flow'];
  void follower.run();
  await eventually(() => expect(feedState.flows()).toBe(true));
  page.hidden = true;
  page.dispatchEvent(new Event('visibilitychange'));
  await eventually(() => expect(feedState.flows()).toBe(false));
  expect(server.streams).toHaveLength(1);
  page.hidden = false;
  page.dispatchEvent(new Event('visibilitychange'));
  await eventually(() => expect(server.streams).toHaveLength(2));
});

test('once stopped it asks nothing more, and everything polls', async () => {
  const ended = follower.run();
  await eventually(() => expect(feedState.flows()).toBe(true));
  follower.stop();
  await ended;
  expect(feedState.flows()).toBe(false);
  expect(server.streams).toHaveLength(1);
});
