import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Informer } from './informer.ts';
import { silentLogger } from './logger.ts';
import type { Pod } from './pod.ts';
import type { ReflectorTuning } from './reflector.ts';
import { pods } from './resource.ts';
import {
  type Answer,
  type BadServer,
  clientOf,
  failure,
  json,
  pieces,
  reset,
  silence,
  startBadServer,
} from './testing/bad-server.ts';
import { livePod } from './testing/objects.ts';

/** The reflector over real connections, to a server that does to them what a real one does not do on demand. */
let server: BadServer;
let stop: AbortController;
let running: Promise<void>;

beforeEach(async () => {
  server = await startBadServer();
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await running;
  await server.close();
});

const list = json({ metadata: { resourceVersion: '10' }, items: [livePod('a')] });
const line = (name: string, version: string) =>
  `${JSON.stringify({ type: 'ADDED', object: livePod(name, { version }) })}\n`;
const quiet = pieces([], 'stay');

function follow(tuning: Partial<ReflectorTuning> = {}) {
  const { client, metrics, registry } = clientOf(server);
  const informer = new Informer<Pod>({
    client,
    resource: pods,
    indexes: {},
    log: silentLogger,
    metrics,
    // Pauses of 0.4 s and more instead of 0.8.
    random: () => 0,
    tuning,
  });
  const told: string[] = [];
  informer.onEvent(({ kind, object }) => told.push(`${kind} ${object.metadata.name}`));
  running = informer.run(stop.signal);
  return { informer, told, registry };
}

/** The version from which each watch was opened; `list` for lists. */
const asked = () =>
  server.requests.map(
    (request) => new URL(request.slice(4), server.url).searchParams.get('resourceVersion') ?? 'list',
  );

const rows: readonly { readonly what: string; readonly bad: Answer; readonly asked: readonly string[] }[] = [
  { what: 'a reset before the answer', bad: reset, asked: ['list', '10', '10', '11'] },
  {
    what: 'a reset in the middle of a line',
    bad: pieces([line('b', '11'), '{"type":"AD'], 'reset', 20),
    asked: ['list', '10', '11', '11'],
  },
  {
    what: 'an end in the middle of a line',
    bad: pieces([line('b', '11'), '{"type":"AD'], 'close', 20),
    asked: ['list', '10', '11', '11'],
  },
  { what: 'no JSON', bad: pieces(['<html>\n'], 'close'), asked: ['list', '10', '10', '11'] },
  { what: '503', bad: failure(503, 'ServiceUnavailable'), asked: ['list', '10', '10', '11'] },
  {
    what: '429 with Retry-After',
    bad: failure(429, 'TooManyRequests', { 'retry-after': '1' }),
    asked: ['list', '10', '10', '11'],
  },
  {
    what: 'an answer that is not a watch',
    bad: json({ kind: 'PodList' }),
    asked: ['list', '10', '10', '11'],
  },
];

describe('a reflector over a connection that fails', () => {
  it.each(rows)(
    'goes on after $what from where it was, and tells nothing twice',
    async ({ bad, asked: expected }) => {
      const lastly = pieces([line('b', '11')], 'close');
      server.answer(list, bad, lastly, quiet);
      const { told } = follow();
      await expect.poll(asked, { timeout: 15_000 }).toEqual(expected);
      expect(told).toEqual(['added a', 'added b']);
    },
    20_000,
  );

  it('understands lines that come byte by byte, with characters cut in two', async () => {
    const text = Buffer.from(line('b', '11').replace('"Pod"', '"Pod","note":"žluťoučký 🐎"'));
    server.answer(
      list,
      pieces(
        [...text].map((byte) => Uint8Array.of(byte)),
        'stay',
      ),
    );
    const { informer } = follow();
    await expect
      .poll(() => informer.store.get('default/b'), { timeout: 15_000 })
      .toMatchObject({ note: 'žluťoučký 🐎' });
  }, 20_000);

  it('lists again when the version is refused with 410', async () => {
    server.answer(
      list,
      failure(410, 'Expired'),
      json({ metadata: { resourceVersion: '20' }, items: [] }),
      quiet,
    );
    const { told } = follow();
    await expect.poll(asked, { timeout: 15_000 }).toEqual(['list', '10', 'list', '20']);
    expect(told).toEqual(['added a', 'deleted a']);
  }, 20_000);

  it.each([
    { what: 'is silent', bad: pieces([line('b', '11')], 'stay') },
    { what: 'drips', bad: pieces([line('b', '11'), ...'{"type":"MODIFIED"'.repeat(20)], 'stay', 50) },
  ])(
    'gives up a watch that $what',
    async ({ bad }) => {
      server.answer(list, bad, quiet);
      const { registry } = follow({ inactivityMs: 500 });
      await expect.poll(async () => asked().slice(0, 3), { timeout: 15_000 }).toEqual(['list', '10', '11']);
      expect(await registry.metrics()).toMatch(
        /reflector_failures_total\{name="pods",reason="stalled"\} [1-9]/,
      );
    },
    20_000,
  );

  it('gives up a watch whose head does not come, and a list that does not', async () => {
    server.answer(silence, list, silence, quiet);
    const { informer } = follow({ answerMs: 300 });
    await expect.poll(asked, { timeout: 15_000 }).toEqual(['list', 'list', '10', '10']);
    expect(informer.store.hasSynced).toBe(true);
  }, 20_000);

  it('gives up a line that does not end', async () => {
    server.answer(list, pieces(['x'.repeat(5000)], 'stay'), quiet);
    const { registry } = follow({ longestLineBytes: 1000 });
    await expect.poll(asked, { timeout: 15_000 }).toEqual(['list', '10', '10']);
    expect(await registry.metrics()).toContain('reflector_failures_total{name="pods",reason="broken"} 1');
  }, 20_000);

  it('lets go of its connection when it ends', async () => {
    server.answer(list, quiet);
    follow();
    await expect.poll(asked).toEqual(['list', '10']);
    const from = performance.now();
    stop.abort();
    await running;
    expect(performance.now() - from).toBeLessThan(5000);
  });
});
