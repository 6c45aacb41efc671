import { Informer } from '../informer.ts';
import { keyOf } from '../key.ts';
import { silentLogger } from '../logger.ts';
import type { Live } from '../objects.ts';
import type { Pod } from '../pod.ts';
import { pods } from '../resource.ts';
import { MemoryApi } from './memory-api.ts';
import { livePod, testMetrics } from './objects.ts';
import { settle, VirtualClock } from './virtual-clock.ts';

/** Objects as somebody knows them who only hears the events. */
export class Listener {
  readonly told: string[] = [];
  readonly known = new Map<string, Live<Pod>>();
  readonly mistakes: string[] = [];

  hear(event: Parameters<Parameters<Informer<Pod>['onEvent']>[0]>[0]): void {
    const key = keyOf(event.object);
    this.told.push(`${event.kind} ${event.object.metadata.name}`);
    const known = this.known.get(key);
    if ((event.kind === 'added') !== (known === undefined)) this.mistakes.push(`${event.kind} of ${key}`);
    if (event.kind !== 'added' && known?.metadata.uid !== event.object.metadata.uid) {
      this.mistakes.push(`${event.kind} of another ${key}`);
    }
    if (event.kind === 'deleted') this.known.delete(key);
    else this.known.set(key, event.object);
  }
}

/** An informer of pods that follows an API server in memory, in virtual time. */
export async function followMemory(
  start: (api: MemoryApi, clock: VirtualClock) => void = () => {},
  pageSize = 2,
) {
  const clock = new VirtualClock();
  const api = new MemoryApi(clock);
  const { metrics, registry } = testMetrics();
  start(api, clock);
  const stop = new AbortController();
  const informer = new Informer<Pod>({
    client: api.client(),
    resource: pods,
    indexes: {},
    log: silentLogger,
    metrics,
    clock,
    random: () => 0.5,
    tuning: { pageSize },
  });
  const listener = new Listener();
  informer.onEvent((event) => listener.hear(event));
  const running = informer.run(stop.signal);
  await settle();
  return {
    clock,
    api,
    informer,
    listener,
    registry,
    end: async () => {
      stop.abort();
      await clock.advance(0);
      await running;
    },
  };
}

export const put = (api: MemoryApi, ...names: string[]) => {
  for (const name of names) api.put(livePod(name));
};

/** What identifies the state of each object, for comparing who knows it. */
export const versions = (objects: Iterable<Live<Pod>>) =>
  [...objects].map(({ metadata }) => `${metadata.name} ${metadata.uid} ${metadata.resourceVersion}`).sort();
