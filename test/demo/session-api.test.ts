import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { SessionApi } from './session-api.ts';

let server: Server;
afterEach(() => new Promise((resolve) => server.close(resolve)));

/** A session that gives these answers, one after the other; what it was asked is in `seen`. */
async function answering(...answers: readonly { readonly status: number; readonly body: unknown }[]) {
  const left = [...answers];
  const seen: (string | undefined)[] = [];
  server = createServer((request, response) => {
    seen.push(request.headers['idempotency-key'] as string | undefined);
    const answer = left.shift() ?? { status: 500, body: 'asked too often' };
    request.resume().on('end', () => response.writeHead(answer.status).end(JSON.stringify(answer.body)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { api: new SessionApi(`http://127.0.0.1:${port}`, 'key'), seen };
}

it('hands a message over again under the same key until it is accepted', async () => {
  const { api, seen } = await answering(
    { status: 503, body: 'shutting down' },
    { status: 202, body: { id: '3EB0', status: 'queued', attempts: [] } },
  );
  await expect(api.send('1@c.us', 'hello', 'order-1', 5000)).resolves.toMatchObject({ id: '3EB0' });
  expect(seen).toEqual(['order-1', 'order-1']);
});

it('does not repeat what the contract refuses', async () => {
  const { api, seen } = await answering({ status: 400, body: 'no such field' });
  await expect(api.send('1@c.us', 'hello', 'order-1', 5000)).rejects.toMatchObject({ code: 'refused' });
  expect(seen).toHaveLength(1);
});

it('says what it waited for, and the last trouble', async () => {
  const { api } = await answering({ status: 200, body: { id: '3EB0', status: 'sending', attempts: [] } });
  await expect(api.messageThat('3EB0', ['read'], 0)).rejects.toMatchObject({
    code: 'not_answered',
    cause: expect.objectContaining({ message: 'it is sending' }),
  });
});
