import { expect, test, vi } from 'vitest';
import { silentLogger } from '../kube/logger.ts';
import { VirtualClock } from '../kube/testing/virtual-clock.ts';
import { type Ask, type Followed, StatusPuller } from './pull.ts';
import { type PulledStatus, pulledStatus } from './pulled-status.ts';

const status = (state: string): PulledStatus => pulledStatus.parse({ state });
const pod = (more: Partial<Followed> = {}): Followed => ({
  key: 'shop/sales',
  podUID: 'a',
  ip: '10.0.0.1',
  ready: false,
  ...more,
});

function build(ask: Ask, concurrency?: number) {
  const clock = new VirtualClock();
  const tell = vi.fn();
  const asked = vi.fn(ask);
  const puller = new StatusPuller({
    clock,
    random: () => 0.5,
    log: silentLogger,
    tell,
    ask: asked,
    ...(concurrency === undefined ? {} : { concurrency }),
  });
  return { clock, tell, asked, puller };
}

test('asks a pod at once, and tells what is new once', async () => {
  const { clock, tell, asked, puller } = build(async () => status('Pairing'));
  puller.follow(pod());
  await clock.advance(0);
  expect(tell).toHaveBeenCalledTimes(1);
  await clock.advance(9500);
  expect(asked.mock.calls.length).toBeGreaterThan(2);
  expect(tell).toHaveBeenCalledTimes(1);
  expect(puller.answer('shop/sales', 'a')).toMatchObject({ kind: 'status', status: { state: 'Pairing' } });
});

test('asks a ready pod rarely, and at once when it is ready no more', async () => {
  const { clock, asked, puller } = build(async () => status('Connected'));
  puller.follow(pod({ ready: true }));
  await clock.advance(200_000);
  expect(asked).toHaveBeenCalledTimes(1);
  puller.follow(pod({ ready: false }));
  await clock.advance(0);
  expect(asked).toHaveBeenCalledTimes(2);
});

test('following the same pod again asks no sooner', async () => {
  const { clock, asked, puller } = build(async () => status('Connected'));
  for (let times = 0; times < 10; times += 1) puller.follow(pod({ ready: true }));
  await clock.advance(0);
  expect(asked).toHaveBeenCalledTimes(1);
});

test('keeps to itself what another pod of the name said', async () => {
  const { clock, puller } = build(async () => status('Connected'));
  puller.follow(pod());
  await clock.advance(0);
  expect(puller.answer('shop/sales', 'b')).toBeUndefined();
  puller.follow(pod({ podUID: 'b' }));
  expect(puller.answer('shop/sales', 'b')).toBeUndefined();
});

test('asks a silent pod ever more rarely, and tells of it after half a minute', async () => {
  const { clock, tell, asked, puller } = build(async () => {
    throw new Error('connection refused');
  });
  puller.follow(pod());
  await clock.advance(20_000);
  expect(tell).not.toHaveBeenCalled();
  await clock.advance(600_000);
  expect(tell).toHaveBeenCalled();
  expect(asked.mock.calls.length).toBeLessThan(20);
  expect(puller.answer('shop/sales', 'a')).toMatchObject({ kind: 'silent', error: 'connection refused' });
});

test('asks no more than so many at a time', async () => {
  let asking = 0;
  let most = 0;
  const { clock, puller } = build(async () => {
    asking += 1;
    most = Math.max(most, asking);
    await new Promise((resolve) => setImmediate(resolve));
    asking -= 1;
    return status('Pairing');
  }, 3);
  for (let index = 0; index < 20; index += 1) puller.follow(pod({ key: `shop/${index}` }));
  await vi.waitFor(() => expect(puller.answer('shop/19', 'a')).toBeDefined());
  expect(most).toBe(3);
  puller.stop();
  await clock.advance(0);
});

test('an answer to a question from before the readiness changed counts no more', async () => {
  const pending = Promise.withResolvers<PulledStatus>();
  const answers = [pending.promise, Promise.resolve(status('Disconnected'))];
  const { clock, puller } = build(() => answers.shift() ?? Promise.resolve(status('Disconnected')));
  puller.follow(pod({ ready: true }));
  puller.follow(pod({ ready: false }));
  await clock.advance(0);
  pending.resolve(status('Connected'));
  await clock.advance(0);
  expect(puller.answer('shop/sales', 'a')).toMatchObject({ status: { state: 'Disconnected' } });
});

test('an answer is awaited from each change until it came, or failed to come', async () => {
  let reachable = true;
  const { clock, puller } = build(async () => {
    if (!reachable) throw new Error('connection refused');
    return status('Connected');
  });
  expect(puller.awaitedSince('shop/sales')).toBeUndefined();
  for (const ready of [true, false]) {
    puller.follow(pod({ ready }));
    expect(puller.awaitedSince('shop/sales')).toBe(clock.now());
    await clock.advance(0);
    expect(puller.awaitedSince('shop/sales')).toBeUndefined();
    reachable = false;
  }
});

test('forgets a pod that is followed no more', async () => {
  const { clock, asked, puller } = build(async () => status('Pairing'));
  puller.follow(pod());
  await clock.advance(0);
  puller.unfollow('shop/sales');
  await clock.advance(60_000);
  expect(asked).toHaveBeenCalledTimes(1);
});

test('a newer session may say more, and an odd one says what it can', () => {
  expect(pulledStatus.parse({ state: 'Connected', novelty: 1, account: 'nonsense' })).toMatchObject({
    state: 'Connected',
  });
  expect(pulledStatus.safeParse({ state: 'Flying' }).success).toBe(false);
});
