// Server-sent events from a fetch, which unlike EventSource sends a header (WHATWG HTML,
// section 9.2).

export interface ServerEvent {
  id: string;
  name: string;
  data: string;
}

/** The event that the lines of one block make; null for a comment. */
export function eventOf(block: string): ServerEvent | null {
  const event: ServerEvent = { id: '', name: 'message', data: '' };
  const data: string[] = [];
  for (const line of block.split(/\r\n|\r|\n/)) {
    const [, field, value] = /^([a-z]+): ?(.*)$/.exec(line) ?? [];
    if (field === 'id') event.id = value!;
    if (field === 'event') event.name = value!;
    if (field === 'data') data.push(value!);
  }
  if (data.length === 0) return null;
  return { ...event, data: data.join('\n') };
}

/** The events of a stream as they come; ends with it. */
export async function* eventsOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const reader = stream
    .pipeThrough(new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>)
    .getReader();
  try {
    for (let rest = ''; ;) {
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (rest + value).split('\n\n');
      rest = blocks.pop()!;
      for (const block of blocks) {
        const event = eventOf(block);
        if (event) yield event;
      }
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}
