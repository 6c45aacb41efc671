import type { lookup } from 'node:dns';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MediaFetcher } from './fetch-media.ts';

const SETTINGS = { maxSize: 1000, fetchTimeoutMs: 2000, allowPrivateAddresses: false };

let server: Server;
let port: number;
let hits = 0;
beforeAll(async () => {
  server = createServer((request, response) => {
    hits += 1;
    if (request.url === '/inside') response.writeHead(302, { location: `http://127.0.0.1:${port}/` }).end();
    else response.end('secret');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => server.close());

/** A name server that answers with these addresses in turn. */
function nameServer(...answers: readonly string[]) {
  let asked = 0;
  const answer = ((_name: string, _options: unknown, callback: (error: null, found: unknown) => void) => {
    const address = answers[Math.min(asked, answers.length - 1)];
    asked += 1;
    callback(null, [{ address, family: 4 }]);
  }) as unknown as typeof lookup;
  return { answer, asked: () => asked };
}

test('a name that leads inside is not connected to', async () => {
  const fetcher = new MediaFetcher(SETTINGS, nameServer('127.0.0.1').answer);
  const fetching = fetcher.fetch(`http://files.example:${port}/`, new AbortController().signal);
  await expect(fetching).rejects.toMatchObject({ code: 'media_url_refused' });
  expect(hits).toBe(0);
  await fetcher.close();
});

test('a name is looked up once per connection, and what was checked is what is connected to', async () => {
  // A documentation address: nothing answers there, and nothing behind it is ever asked instead.
  const names = nameServer('198.51.100.1', '127.0.0.1');
  const fetcher = new MediaFetcher({ ...SETTINGS, fetchTimeoutMs: 500 }, names.answer);
  const fetching = fetcher.fetch(`http://rebinding.example:${port}/`, new AbortController().signal);
  await expect(fetching).rejects.toMatchObject({ code: expect.stringMatching(/^media_url_/) });
  expect(hits).toBe(0);
  await fetcher.close();
});

test('a redirect that leads inside is refused, also when the first address was allowed', async () => {
  const open = new MediaFetcher({ ...SETTINGS, allowPrivateAddresses: true });
  const strict = new MediaFetcher(SETTINGS);
  const inside = `http://127.0.0.1:${port}/inside`;
  const fetched = await open.fetch(inside, new AbortController().signal);
  const chunks: Buffer[] = [];
  for await (const chunk of fetched.body) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString()).toBe('secret');
  await expect(strict.fetch(inside, new AbortController().signal)).rejects.toMatchObject({
    code: 'media_url_refused',
  });
  await open.close();
  await strict.close();
});

test.each(['ftp://files.example/a', 'file:///etc/passwd', 'http://user:secret@files.example/', 'nonsense'])(
  '%s is not fetched',
  async (url) => {
    const fetcher = new MediaFetcher(SETTINGS);
    await expect(fetcher.fetch(url, new AbortController().signal)).rejects.toMatchObject({
      code: 'media_url_refused',
    });
    await fetcher.close();
  },
);

test('a caller who goes ends the fetch, and nothing is thrown where nobody listens', async () => {
  const fetcher = new MediaFetcher({ ...SETTINGS, allowPrivateAddresses: true });
  const gone = new AbortController();
  await fetcher.fetch(`http://127.0.0.1:${port}/`, gone.signal);
  gone.abort();
  await new Promise((resolve) => setTimeout(resolve, 50));
  await fetcher.close();
});
