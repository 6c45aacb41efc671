import { createClient } from '../../../operator/src/kube/client.ts';
import { createConnection } from '../../../operator/src/kube/connection.ts';
import { Controller, done } from '../../../operator/src/kube/controller.ts';
import { Informer } from '../../../operator/src/kube/informer.ts';
import { keyOf } from '../../../operator/src/kube/key.ts';
import { silentLogger } from '../../../operator/src/kube/logger.ts';
import type { Live } from '../../../operator/src/kube/objects.ts';
import type { Pod } from '../../../operator/src/kube/pod.ts';
import { pods } from '../../../operator/src/kube/resource.ts';
import { byLabel, byOwnerUid } from '../../../operator/src/kube/store.ts';
import { testMetrics } from '../../../operator/src/kube/testing/objects.ts';
import { stripBookkeeping } from '../../../operator/src/kube/transform.ts';
import { createTransport } from '../../../operator/src/kube/transport.ts';
import { WorkQueue } from '../../../operator/src/kube/workqueue.ts';

/**
 * One measurement in a process of its own, with `--expose-gc`; prints a line of JSON.
 * `subject.ts queue KEYS`, `subject.ts follow PORT COUNT EVENTS TRANSFORM`.
 */
const [what, ...numbers] = process.argv.slice(2);

/** Adds keys, one in ten of them twice, and takes them with 8 workers that do nothing. */
async function measureQueue(keys: number) {
  const { metrics } = testMetrics();
  const queue = new WorkQueue<string>({ name: 'bench', metrics });
  const names = Array.from({ length: keys }, (_, index) => `bench/session-${index}`);
  const from = process.cpuUsage();
  for (const [index, name] of names.entries()) {
    queue.add(name);
    if (index % 10 === 0) queue.add(name);
  }
  queue.shutDown();
  let taken = 0;
  const work = async () => {
    for (let key = await queue.get(); key !== undefined; key = await queue.get()) {
      taken += 1;
      queue.done(key);
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  if (taken !== keys) throw new Error(`took ${taken} keys of ${keys}`);
  return { cpuUsPerKey: (cpuMs(process.cpuUsage(from)) * 1000) / taken };
}

const cpuMs = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1000;

const identityOnly = (pod: Live<Pod>): Live<Pod> => {
  const { apiVersion, kind, metadata, spec, status } = stripBookkeeping(pod);
  const slim = { containers: [], ...(spec.nodeName === undefined ? {} : { nodeName: spec.nodeName }) };
  return { apiVersion, kind, metadata, spec: slim, ...(status === undefined ? {} : { status }) };
};
const transforms: Readonly<Record<string, (pod: Live<Pod>) => Live<Pod>>> = {
  none: (pod) => pod,
  standard: stripBookkeeping,
  slim: identityOnly,
};

/** Follows pods over HTTP into a store with two indexes and on through a controller that does nothing. */
async function measureFollow(port: number, count: number, changes: number, transform: string) {
  const { metrics } = testMetrics();
  const connection = createConnection({
    access: async () => ({ server: `http://127.0.0.1:${port}`, headers: {}, tls: {} }),
  });
  const client = createClient(createTransport({ connection, metrics, userAgent: 'bench' }), {
    fieldManager: 'bench',
  });
  const informer = new Informer<Pod>({
    client,
    resource: pods,
    indexes: { owner: byOwnerUid, session: byLabel('whatsapp-operator.io/session') },
    transform: transforms[transform] ?? stripBookkeeping,
    log: silentLogger,
    metrics,
  });
  let reconciles = 0;
  let events = 0;
  const all = Promise.withResolvers<void>();
  const reconcile = async () => {
    reconciles += 1;
    return done;
  };
  const controller = new Controller({ name: 'bench', reconcile, log: silentLogger, metrics });
  controller.watch(informer, ({ kind, object }) => {
    if (kind === 'updated' && ++events === changes) all.resolve();
    return [keyOf(object)];
  });
  globalThis.gc?.();
  const before = process.memoryUsage();
  const stop = new AbortController();
  const from = process.cpuUsage();
  const running = [informer.run(stop.signal), controller.run(stop.signal)];
  await informer.synced();
  const listCpuMs = cpuMs(process.cpuUsage(from));
  const listed = process.cpuUsage();
  if (changes > 0) await all.promise;
  const followCpuMs = cpuMs(process.cpuUsage(listed));
  await new Promise((resolve) => setTimeout(resolve, 500));
  globalThis.gc?.();
  const after = process.memoryUsage();
  if (informer.store.size !== count) throw new Error(`${informer.store.size} objects of ${count}`);
  stop.abort();
  await Promise.all(running);
  return {
    listCpuMs,
    cpuUsPerEvent: changes === 0 ? 0 : (followCpuMs * 1000) / changes,
    reconciles,
    heapMiB: (after.heapUsed - before.heapUsed) / 2 ** 20,
    rssMiB: after.rss / 2 ** 20,
    rssBeforeMiB: before.rss / 2 ** 20,
  };
}

const result =
  what === 'queue'
    ? await measureQueue(Number(numbers[0]))
    : await measureFollow(
        Number(numbers[0]),
        Number(numbers[1]),
        Number(numbers[2]),
        numbers[3] ?? 'standard',
      );
console.log(JSON.stringify(result));
process.exit(0);
