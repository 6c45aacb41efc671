import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_BODY_BYTES } from './body.ts';
import { createIdentity, type Identity } from './identity.ts';
import { createJournal } from './journal.ts';
import { createProbe, type Probe } from './probe.ts';
import { openStore } from './store.ts';

let folder: string;
let probe: Probe;
let identity: Identity;
let base: string;
let lines: string[];
let exited: Promise<number>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'probe-'));
  lines = [];
  const end = Promise.withResolvers<number>();
  exited = end.promise;
  identity = createIdentity();
  const journal = createJournal(
    identity.bootId,
    (line) => lines.push(line),
    () => new Date(0),
  );
  probe = createProbe({ identity, store: openStore(folder), journal, exit: end.resolve });
  probe.server.listen(0, '127.0.0.1');
  await once(probe.server, 'listening');
  base = `http://127.0.0.1:${(probe.server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  probe.stop(0);
  await exited;
  await rm(folder, { recursive: true, force: true });
});

async function ask(method: string, path: string, body?: string) {
  const response = await fetch(base + path, { method, ...(body !== undefined && { body }) });
  return { status: response.status, body: await response.text() };
}

/** Sends a path as it is, which fetch would tidy up first. */
async function statusOf(method: string, path: string): Promise<number | undefined> {
  const [response] = await once(request(base, { method, path }).end(), 'response');
  response.resume();
  return response.statusCode;
}

describe('the probe', () => {
  it('is healthy and ready after its start', async () => {
    expect(await ask('GET', '/healthz')).toEqual({ status: 200, body: '{"state":"healthy"}\n' });
    expect(await ask('GET', '/readyz')).toEqual({ status: 200, body: '{"ready":true}\n' });
  });

  it('fails its health check after the fault, goes on serving, and logs the change once', async () => {
    await ask('POST', '/fault/unhealthy');
    await ask('POST', '/fault/unhealthy');
    expect((await ask('GET', '/healthz')).status).toBe(500);
    expect((await ask('GET', '/readyz')).status).toBe(200);
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { time: '1970-01-01T00:00:00.000Z', event: 'unhealthy', bootId: identity.bootId },
    ]);
  });

  it('is not ready without its data folder', async () => {
    await rm(folder, { recursive: true });
    const { status, body } = await ask('GET', '/readyz');
    expect(status).toBe(503);
    expect(body).toContain('DATA_DIR_NOT_WRITABLE');
  });

  it('stores and gives back', async () => {
    expect((await ask('PUT', '/data/note', 'kept')).status).toBe(200);
    expect(await ask('GET', '/data/note')).toEqual({ status: 200, body: 'kept' });
  });

  it('stores a body of exactly the limit and refuses one byte more', async () => {
    expect((await ask('PUT', '/data/most', 'x'.repeat(MAX_BODY_BYTES))).status).toBe(200);
    const tooMuch = await ask('PUT', '/data/more', 'x'.repeat(MAX_BODY_BYTES + 1));
    expect(tooMuch.status).toBe(413);
    expect((await ask('GET', '/data/more')).status).toBe(404);
  });

  it('says who it is', async () => {
    expect(JSON.parse((await ask('GET', '/whoami')).body)).toEqual(identity);
  });

  it('fetches for the caller', async () => {
    const { status, body } = await ask('GET', `/fetch?url=${encodeURIComponent(`${base}/whoami`)}`);
    expect(status).toBe(200);
    expect(JSON.parse(JSON.parse(body).body).bootId).toBe(identity.bootId);
  });

  it('holds the memory it was told to allocate', async () => {
    const before = process.memoryUsage().rss;
    expect(await ask('POST', '/fault/allocate?mebibytes=64')).toEqual({
      status: 200,
      body: '{"heldMebibytes":64}\n',
    });
    expect(process.memoryUsage().rss - before).toBeGreaterThan(48 * 2 ** 20);
  });

  it('exits with the code asked for, after the answer', async () => {
    expect((await ask('POST', '/fault/exit?code=7')).status).toBe(202);
    expect(await exited).toBe(7);
  });

  it('exits promptly when told to stop, even with a request open', async () => {
    const open = request(`${base}/data/slow`, { method: 'PUT' });
    open.on('error', () => undefined);
    open.write('never finished');
    await once(probe.server, 'request');
    const started = performance.now();
    probe.stop(0);
    expect(await exited).toBe(0);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it.each([
    ['GET', '/', 404],
    ['GET', '/nothing', 404],
    ['GET', '/data/a/b', 404],
    ['DELETE', '/data/a', 405],
    ['GET', '/fault/exit', 405],
    ['POST', '/healthz', 405],
    ['GET', '/data/%zz', 400],
    ['GET', '/data/..%2Fpasswd', 400],
    ['GET', '/data/../healthz', 200],
    ['GET', '/fetch', 400],
    ['GET', '/fetch?url=http://127.0.0.1/&timeoutMs=0', 400],
    ['GET', '/fetch?url=https://127.0.0.1/', 400],
    ['POST', '/fault/allocate', 400],
    ['POST', '/fault/allocate?mebibytes=-1', 400],
    ['POST', '/fault/exit?code=256', 400],
    ['POST', '/fault/exit?code=', 400],
  ])('answers %s %s with %i', async (method, path, status) => {
    expect(await statusOf(method, path)).toBe(status);
  });
});
