import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readEvents } from './read-events.ts';

async function read(chunks: readonly Uint8Array[]): Promise<readonly string[]> {
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  const data: string[] = [];
  for await (const event of readEvents(stream)) data.push(event);
  return data;
}

test('events are whole however the bytes are cut, and comments are passed over', async () => {
  const texts = fc.array(fc.string({ unit: 'grapheme', minLength: 1 }).map((text) => JSON.stringify(text)));
  await fc.assert(
    fc.asyncProperty(texts, fc.integer({ min: 1, max: 7 }), async (events, size) => {
      const bytes = new TextEncoder().encode(events.map((data) => `: beat\n\ndata: ${data}\n\n`).join(''));
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
        bytes.slice(index * size, (index + 1) * size),
      );
      expect(await read(chunks)).toEqual(events);
    }),
  );
});

test('an event that never ended is not told', async () => {
  expect(await read([new TextEncoder().encode('data: 1\n\ndata: 2\n')])).toEqual(['1']);
});
