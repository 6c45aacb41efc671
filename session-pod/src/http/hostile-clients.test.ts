import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { KEY, rawExchange, startTestPod, type TestPod } from './testing/test-pod.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let pod: TestPod;
beforeAll(async () => {
  pod = await startTestPod({ HTTP_REQUEST_TIMEOUT: '2s', HTTP_MAX_BODY: '64Ki', HTTP_MAX_CONNECTIONS: '20' });
});
afterAll(() => pod.remove());

const post = (headers: string, body = '') =>
  `POST /api/v1/messages HTTP/1.1\r\nHost: x\r\nX-Api-Key: ${KEY}\r\n${headers}\r\n\r\n${body}`;

/** Whatever came before, the next caller is served. */
async function stillServes(): Promise<void> {
  expect((await pod.call('GET', '/api/v1/session')).status).toBe(200);
}

test.each([
  ['not HTTP', 'hello\r\n\r\n', 400],
  ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
  ['zeros', '\0'.repeat(1000), 400],
  ['two lengths', post('Content-Length: 5\r\nContent-Length: 6', 'hello!'), 400],
  ['length and chunks', post('Content-Length: 5\r\nTransfer-Encoding: chunked', '0\r\n\r\n'), 400],
  [
    'a broken chunk',
    post('Transfer-Encoding: chunked\r\nContent-Type: application/json', 'zz\r\nhello\r\n0\r\n\r\n'),
    400,
  ],
  ['headers without end', `GET / HTTP/1.1\r\nHost: x\r\n${'X-A: b\r\n'.repeat(4000)}`, 431],
  ['one huge header', `GET / HTTP/1.1\r\nHost: x\r\nX-A: ${'b'.repeat(40_000)}\r\n\r\n`, 431],
])('%s is answered with a problem and a closed connection', async (_what, bytes, status) => {
  const answer = await rawExchange(pod.apiPort, bytes);
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  await stillServes();
});

test('a body that is announced as too large is refused before it is sent', async () => {
  const answer = await rawExchange(
    pod.apiPort,
    post('Content-Type: application/json\r\nContent-Length: 70000\r\nConnection: close'),
  );
  expect(answer).toContain('HTTP/1.1 413');
  expect(answer).toContain('payload_too_large');
});

test('a body that turns out too large without announcing it is refused', async () => {
  const chunk = `10000\r\n${'a'.repeat(65_536)}\r\n`;
  const answer = await rawExchange(
    pod.apiPort,
    post(
      'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close',
      `${chunk}${chunk}0\r\n\r\n`,
    ),
  );
  expect(answer).toContain('HTTP/1.1 413');
});

test('headers that drip are cut off in time', async () => {
  const socket = connect(pod.apiPort, '127.0.0.1');
  const closed = new Promise<string>((resolve) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
  });
  socket.write('GET /api/v1/session HTTP/1.1\r\n');
  const drip = setInterval(() => socket.writable && socket.write('X-A: b\r\n'), 200);
  const answer = await closed;
  clearInterval(drip);
  expect(answer).toContain('HTTP/1.1 408');
  expect(answer).toContain('request_timeout');
});

test('a body that never ends is cut off in time', async () => {
  const answer = await rawExchange(
    pod.apiPort,
    post('Content-Type: application/json\r\nContent-Length: 1000', '{"to"'),
  );
  expect(answer).toMatch(/^(HTTP\/1.1 408|$)/);
  await stillServes();
});

test('multipart that breaks off anywhere leaves nothing behind', async () => {
  const body =
    '--b\r\nContent-Disposition: form-data; name="to"\r\n\r\n491510000002\r\n' +
    '--b\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\nContent-Type: image/png\r\n\r\n' +
    `${'x'.repeat(500)}\r\n--b--\r\n`;
  // Up to the dashes that end it; the line break after those may be missing.
  for (let length = 0; length < body.length - 2; length += 37) {
    const cut = body.slice(0, length);
    // The length is honest, the multipart within it is not.
    const whole = await rawExchange(
      pod.apiPort,
      post(
        `Content-Type: multipart/form-data; boundary=b\r\nConnection: close\r\nContent-Length: ${length}`,
        cut,
      ),
    );
    expect(whole).toMatch(/^HTTP\/1.1 400 /);
    // The length is not honest either, and the client goes.
    await rawExchange(
      pod.apiPort,
      post(`Content-Type: multipart/form-data; boundary=b\r\nContent-Length: ${body.length}`, cut),
      true,
    );
  }
  await stillServes();
  await expect.poll(() => readdirSync(join(pod.folder, 'media')), { timeout: 20_000 }).toEqual([]);
});

test.each(['multipart/form-data', 'multipart/form-data; boundary=', 'multipart/form-data; boundary=b'])(
  '%s without parts is refused',
  async (type) => {
    const answer = await pod.call('POST', '/api/v1/messages', 'nothing of the kind', {
      'content-type': type,
    });
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_multipart']);
  },
);

test('with every connection of the API taken, the health port answers', async () => {
  const sockets = Array.from({ length: 40 }, () => connect(pod.apiPort, '127.0.0.1').on('error', () => {}));
  await pause(300);
  for (const path of ['/livez', '/startupz', '/metrics', '/status']) {
    expect((await fetch(`${pod.healthUrl}${path}`)).status).toBe(200);
  }
  for (const socket of sockets) socket.destroy();
  await expect
    .poll(
      async () =>
        await pod.call('GET', '/api/v1/session').then(
          ({ status }) => status,
          () => 0,
        ),
      { timeout: 20_000 },
    )
    .toBe(200);
});

test('clients that go while they wait leave nothing running', async () => {
  pod.engine.become('Disconnected', 'socket_lost');
  const aborts = Array.from({ length: 10 }, async () => {
    const abort = new AbortController();
    const call = fetch(`${pod.url}/api/v1/messages?wait=sent&timeout=60`, {
      method: 'POST',
      headers: { 'x-api-key': KEY, 'content-type': 'application/json' },
      body: JSON.stringify({ to: '491510000002', content: { type: 'text', text: 'x' } }),
      signal: abort.signal,
    });
    await pause(100);
    abort.abort();
    await expect(call).rejects.toThrow();
  });
  await Promise.all(aborts);
  await stillServes();
});
