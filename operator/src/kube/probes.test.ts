import { Counter, Registry } from 'prom-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Probes, serveProbes } from './probes.ts';

let probes: Probes;
let synced = false;
let alive: () => boolean = () => true;

beforeEach(async () => {
  const registry = new Registry();
  new Counter({ name: 'things_total', help: 'Things.', registers: [registry] }).inc(3);
  synced = false;
  alive = () => true;
  const healthy = { loop: () => alive() };
  const ready = { 'cache pods': () => synced };
  probes = await serveProbes({ port: 0, host: '127.0.0.1', registry, healthy, ready });
});
afterEach(() => probes.close());

const ask = async (path: string, method = 'GET') => {
  const answer = await fetch(`http://127.0.0.1:${probes.port}${path}`, { method });
  return { status: answer.status, text: await answer.text() };
};

it('says what is not ready yet, by name', async () => {
  expect(await ask('/readyz')).toEqual({ status: 503, text: '[-] cache pods failed\nfailed\n' });
  synced = true;
  expect(await ask('/readyz?verbose')).toEqual({ status: 200, text: '[+] cache pods ok\nok\n' });
});

it('takes a check that throws for failed', async () => {
  expect((await ask('/healthz')).status).toBe(200);
  alive = () => {
    throw new Error('no');
  };
  expect((await ask('/healthz')).status).toBe(503);
});

it('shows the metrics', async () => {
  expect((await ask('/metrics')).text).toContain('things_total 3');
});

it.each([
  { method: 'GET', path: '/', status: 404 },
  { method: 'POST', path: '/healthz', status: 405 },
])('answers $method $path with $status', async ({ method, path, status }) => {
  expect((await ask(path, method)).status).toBe(status);
});

it('rejects when the port is taken', async () => {
  const { port } = probes;
  const again = serveProbes({ port, host: '127.0.0.1', registry: new Registry(), healthy: {}, ready: {} });
  await expect(again).rejects.toThrow('EADDRINUSE');
});
