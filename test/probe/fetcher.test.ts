import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { MAX_BODY_BYTES } from './body.ts';
import { fetchFromHere } from './fetcher.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

describe('fetching from inside the pod', () => {
  it('reports status and body', async () => {
    const url = await serve((_, response) => response.writeHead(503).end('busy'));
    expect(await fetchFromHere(url, 1000)).toMatchObject({ status: 503, body: 'busy' });
  });

  it('reports a redirect instead of following it', async () => {
    const url = await serve((_, response) => response.writeHead(302, { location: '/elsewhere' }).end());
    expect(await fetchFromHere(url, 1000)).toMatchObject({ status: 302 });
  });

  it('opens a connection of its own each time', async () => {
    const ports = new Set<number | undefined>();
    const url = await serve(({ socket }, response) => {
      ports.add(socket.remotePort);
      response.end('x');
    });
    await fetchFromHere(url, 1000);
    // A kept connection is offered again only once the client has put it back.
    await setTimeout(50);
    await fetchFromHere(url, 1000);
    expect(ports.size).toBe(2);
  });

  it('gives up after the timeout', async () => {
    const url = await serve(() => undefined);
    await expect(fetchFromHere(url, 50)).rejects.toMatchObject({ status: 504, code: 'TIMEOUT' });
  });

  it('gives up after the timeout when only the head of the answer came', async () => {
    const url = await serve((_, response) => void response.writeHead(200).write('first'));
    await expect(fetchFromHere(url, 50)).rejects.toMatchObject({ status: 504, code: 'TIMEOUT' });
  });

  it('names a refused connection', async () => {
    const url = await serve(() => undefined);
    server?.close();
    await once(server as Server, 'close');
    await expect(fetchFromHere(url, 1000)).rejects.toMatchObject({ status: 502, code: 'ECONNREFUSED' });
  });

  it('refuses an answer over the limit', async () => {
    const url = await serve((_, response) => response.end(Buffer.alloc(MAX_BODY_BYTES + 1)));
    await expect(fetchFromHere(url, 1000)).rejects.toMatchObject({ status: 502, code: 'TOO_LARGE' });
  });

  it.each(['', 'nonsense', 'https://a/', 'file:///etc/passwd', 'ftp://a/'])('refuses %j', async (url) => {
    await expect(fetchFromHere(url, 1000)).rejects.toMatchObject({ status: 400, code: 'BAD_URL' });
  });
});
