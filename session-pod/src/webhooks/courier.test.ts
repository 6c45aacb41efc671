import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { Courier } from './courier.ts';

const open: { readonly servers: Server[]; readonly couriers: Courier[] } = { servers: [], couriers: [] };
afterEach(async () => {
  for (const courier of open.couriers.splice(0)) await courier.close();
  for (const server of open.servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  open.servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`;
}

function courier(
  different: Partial<ConstructorParameters<typeof Courier>[0]> = {},
  lookup?: ConstructorParameters<typeof Courier>[1],
): Courier {
  const made = new Courier(
    { timeoutMs: 2000, allowPrivateAddresses: true, maxAnswerBytes: 1000, ...different },
    lookup,
  );
  open.couriers.push(made);
  return made;
}

const post = (by: Courier, url: string) =>
  by.post(url, '{"é":1}', { 'x-a': 'b' }, new AbortController().signal);

it('sends body and headers as they are, and tells the status', async () => {
  let got = '';
  const url = await serve((request, response) => {
    request.setEncoding('utf8').on('data', (text: string) => {
      got += text;
    });
    request.on('end', () => {
      got += ` ${request.method} ${request.headers['x-a']}`;
      response.writeHead(201).end('thanks');
    });
  });
  expect(await post(courier(), url)).toEqual({ kind: 'answered', status: 201, retryAfterMs: undefined });
  expect(got).toBe('{"é":1} POST b');
});

it('follows no redirect', async () => {
  let visits = 0;
  const url = await serve((request, response) => {
    visits += 1;
    request.resume();
    response.writeHead(307, { location: '/elsewhere' }).end();
  });
  expect(await post(courier(), url)).toMatchObject({ kind: 'answered', status: 307 });
  expect(visits).toBe(1);
});

it('tells Retry-After', async () => {
  const url = await serve((request, response) => {
    request.resume();
    response.writeHead(503, { 'retry-after': '7' }).end();
  });
  expect(await post(courier(), url)).toEqual({ kind: 'answered', status: 503, retryAfterMs: 7000 });
});

it('a receiver that hangs costs the timeout and no more', async () => {
  const url = await serve((request) => request.resume());
  expect(await post(courier({ timeoutMs: 200 }), url)).toMatchObject({ kind: 'unanswered' });
});

it('an answer without end costs no memory, and its status counts', async () => {
  const url = await serve((request, response) => {
    request.resume();
    response.writeHead(200);
    const more = setInterval(() => response.write(Buffer.alloc(10_000)), 1);
    response.on('close', () => clearInterval(more));
  });
  expect(await post(courier(), url)).toMatchObject({ kind: 'answered', status: 200 });
});

it('nobody there is unanswered', async () => {
  expect(await post(courier(), 'http://127.0.0.1:1/')).toMatchObject({
    kind: 'unanswered',
    detail: 'ECONNREFUSED',
  });
});

it.each([
  'http://127.0.0.1:1/',
  'http://[::ffff:10.0.0.1]/',
  'http://169.254.169.254/',
  'ftp://example.com/',
])('connects to public addresses only: not to %s', async (url) => {
  expect(await post(courier({ allowPrivateAddresses: false }), url)).toMatchObject({
    kind: 'target-refused',
  });
});

it('a name that leads to a private address is refused at the connection, whatever it led to before', async () => {
  let visits = 0;
  const url = await serve((request, response) => {
    visits += 1;
    request.resume();
    response.end();
  });
  const lookup = ((_name: string, _options: object, callback: (...found: unknown[]) => void) =>
    callback(null, [{ address: '127.0.0.1', family: 4 }])) as unknown as ConstructorParameters<
    typeof Courier
  >[1];
  const named = url.replace('127.0.0.1', 'rebinding.example');
  expect(await post(courier({ allowPrivateAddresses: false }, lookup), named)).toMatchObject({
    kind: 'target-refused',
  });
  expect(visits).toBe(0);
});
