import { expect, test } from 'vitest';

import { eventOf, eventsOf, type ServerEvent } from './sse';

/** What is read of a stream that comes in these pieces. */
async function read(...pieces: Uint8Array[]): Promise<ServerEvent[]> {
  const stream = new ReadableStream<Uint8Array>({
    start(c) {
      for (const p of pieces) c.enqueue(p);
      c.close();
    },
  });
  const all: ServerEvent[] = [];
  for await (const e of eventsOf(stream)) all.push(e);
  return all;
}

const bytes = (text: string) => new TextEncoder().encode(text);

test('events are read whole wherever the network cuts them, letters too', async () => {
  const text = bytes(
    ': open\n\nid: 7\nevent: change\ndata: {"name":"Clínica"}\n\nid: 8\nevent: reset\ndata: {}\n\nid: 9\ndata: half',
  );
  for (let cut = 1; cut < text.length; cut++) {
    expect(await read(text.slice(0, cut), text.slice(cut))).toEqual([
      { id: '7', name: 'change', data: '{"name":"Clínica"}' },
      { id: '8', name: 'reset', data: '{}' },
    ]);
  }
});

test('a comment is no event, and data of several lines is one text', () => {
  expect(eventOf(': open')).toBeNull();
  expect(eventOf('data: a\ndata:b')).toEqual({ id: '', name: 'message', data: 'a\nb' });
});
