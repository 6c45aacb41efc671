import { describe, expect, it } from 'vitest';
import { ApiError } from './errors.ts';
import { EventRecorder, type EventRecorderOptions } from './events.ts';
import { silentLogger } from './logger.ts';
import type { Event, Live } from './objects.ts';
import { MemoryApi } from './testing/memory-api.ts';
import { livePod, testMetrics } from './testing/objects.ts';
import { VirtualClock } from './testing/virtual-clock.ts';

function setup(options: Partial<EventRecorderOptions> = {}) {
  const clock = new VirtualClock();
  const api = new MemoryApi(clock);
  const { metrics, registry } = testMetrics();
  const recorder = new EventRecorder({
    client: api.client(),
    controller: 'whatsapp-operator.io/operator',
    instance: 'op-1',
    log: silentLogger,
    metrics,
    clock,
    ...options,
  });
  const written = () => [...api.objects.values()] as Live<Event>[];
  return { clock, api, recorder, registry, written };
}

const pod = livePod('sales');
const connected = {
  type: 'Normal',
  reason: 'Connected',
  action: 'Observe',
  note: 'The session is connected',
} as const;
const failed = { ...connected, type: 'Warning', reason: 'PodFailed' } as const;

describe('an event recorder', () => {
  it('writes an Event that is found from its object', async () => {
    const { recorder, clock, written } = setup();
    recorder.record(pod, connected);
    await clock.advance(0);
    expect(written()).toMatchObject([
      {
        metadata: { namespace: 'default' },
        regarding: { kind: 'Pod', name: 'sales', namespace: 'default', uid: 'uid-sales' },
        reason: 'Connected',
        note: 'The session is connected',
        reportingController: 'whatsapp-operator.io/operator',
        reportingInstance: 'op-1',
        eventTime: '2026-01-01T00:00:00.000000Z',
      },
    ]);
    expect(written()[0]?.series).toBeUndefined();
  });

  it('counts what happens again within its time, and begins anew after', async () => {
    const { recorder, clock, written } = setup();
    for (let minute = 0; minute < 4; minute++) {
      recorder.record(pod, connected);
      await clock.advance(60_000);
    }
    expect(written()).toHaveLength(1);
    expect(written()[0]?.series).toEqual({ count: 4, lastObservedTime: '2026-01-01T00:03:00.000000Z' });
    await clock.advance(360_000);
    recorder.record(pod, connected);
    await clock.advance(0);
    expect(written()).toHaveLength(2);
  });

  it('makes one write of what happens in one moment', async () => {
    const { recorder, clock, written } = setup();
    for (let time = 0; time < 1000; time++) recorder.record(pod, connected);
    await clock.advance(0);
    expect(written()).toHaveLength(1);
    expect(written()[0]?.series?.count).toBe(1000);
  });

  it('keeps apart what differs in reason, note or object', async () => {
    const { recorder, clock, written } = setup();
    recorder.record(pod, connected);
    recorder.record(pod, failed);
    recorder.record(pod, { ...connected, note: 'again' });
    recorder.record(livePod('sales', { uid: 'successor' }), connected);
    await clock.advance(0);
    expect(written()).toHaveLength(4);
  });

  it('makes the Event anew when the API server has let it expire', async () => {
    const { recorder, clock, api, written } = setup();
    recorder.record(pod, connected);
    await clock.advance(10);
    for (const key of api.objects.keys()) api.remove(key);
    recorder.record(pod, connected);
    await clock.advance(10);
    expect(written().map((event) => event.series?.count)).toEqual([2]);
  });

  it('spares the API server an object that does not stop, and tells the whole count later', async () => {
    const limits = { burst: 3, refillMs: 60_000 };
    const { recorder, clock, api, registry, written } = setup({ limits });
    let writes = 0;
    api.before = () => {
      writes += 1;
    };
    for (let second = 0; second < 100; second++) {
      recorder.record(pod, failed);
      await clock.advance(1000);
    }
    expect(writes).toBe(4);
    expect(await registry.metrics()).toContain('event_recorder_events_total{outcome="limited"} 96');
    await clock.advance(60_000);
    recorder.record(pod, failed);
    await clock.advance(0);
    expect(written()[0]?.series?.count).toBe(101);
  });

  it('holds no more than its limit when the API server is slow, and counts the rest', async () => {
    const { recorder, clock, api, registry } = setup({ waitingLimit: 10 });
    api.before = () => new Promise(() => {});
    for (let index = 0; index < 50; index++) recorder.record(livePod(`p${index}`), connected);
    await clock.advance(0);
    expect(await registry.metrics()).toContain('event_recorder_events_total{outcome="dropped"} 40');
    const flushed = recorder.flush(500);
    await clock.advance(500);
    await flushed;
  });

  it('does not let a failing API server or a bad object reach its caller', async () => {
    const { recorder, clock, api, registry } = setup();
    api.before = () => {
      throw new ApiError({ attempted: 'POST', code: 403 });
    };
    recorder.record(pod, connected);
    recorder.record(undefined as never, connected);
    await clock.advance(0);
    await recorder.flush();
    expect(await registry.metrics()).toContain('event_recorder_events_total{outcome="failed"} 2');
  });

  it('cuts a note that the API server would refuse', async () => {
    const { recorder, clock, written } = setup();
    recorder.record(pod, { ...connected, note: 'é'.repeat(5000) });
    await clock.advance(0);
    expect(Buffer.byteLength(written()[0]?.note ?? '')).toBeLessThanOrEqual(1024);
  });
});
