import { sessionSpec, type WhatsAppSession } from '@whatsapp-operator/api/resource';
import { ApiError } from '../../kube/errors.ts';
import { silentLogger } from '../../kube/logger.ts';
import type { KubeObject, Live } from '../../kube/objects.ts';
import type { Pod } from '../../kube/pod.ts';
import { Observer } from '../observe.ts';
import { createReconciler } from '../reconcile.ts';
import { SimulatedCluster } from './cluster.ts';
import { running, settings } from './factories.ts';

export const KEY = 'shop/sales';
/** Kinds of the children that bear the session's name. */
export const children = ['pods', 'persistentvolumeclaims', 'services', 'networkpolicies'] as const;
const plurals = ['whatsappsessions', ...children] as const;
const start = Date.parse('2026-11-24T12:00:00Z');

/** One name in a simulated cluster, the operator that looks after it, and what happens to both. */
export class World {
  now = start;
  readonly cluster = new SimulatedCluster(() => this.now);
  /** Since when the pod is being asked what it has become. */
  awaitedSince: number | undefined;
  readonly foreign = new Set<string>();
  readonly #uidsOfSessions = new Set<string>();
  #generation = 1;
  #reconcile = this.#startOperator();

  #startOperator() {
    const caches = Object.fromEntries(
      (['sessions', 'pods', 'claims', 'services', 'networkPolicies'] as const).map((name, index) => [
        name,
        this.cluster.store(plurals[index] ?? ''),
      ]),
    ) as never;
    const puller = {
      answer: () => undefined,
      awaitedSince: () => this.awaitedSince,
      follow: () => {},
      unfollow: () => {},
    };
    return createReconciler({
      client: this.cluster.client(),
      observer: new Observer(caches, puller, settings.updateTimeoutMs, () => this.now),
      recorder: { record: () => {} },
      metrics: { restarted: () => {} },
      settings,
      now: () => this.now,
      random: () => 0.5,
      log: silentLogger,
    });
  }

  restartOperator(): void {
    this.#reconcile = this.#startOperator();
  }

  get session(): Live<KubeObject> | undefined {
    return this.cluster.get('whatsappsessions', KEY);
  }

  get pod(): Live<Pod> | undefined {
    return this.cluster.get<Pod>('pods', KEY);
  }

  /** One round; cut off before its nth write if that is given. */
  async round(cutAt?: number): Promise<void> {
    let left = cutAt ?? Number.POSITIVE_INFINITY;
    this.cluster.beforeWrite = () => {
      left -= 1;
      if (left < 0) throw new ApiError({ attempted: 'write', code: 'connection' });
    };
    try {
      await this.#reconcile(KEY, { signal: new AbortController().signal, failures: 0 });
    } catch (error) {
      // Conflicts with a cache that lags, and the cut itself: the controller comes again.
      if (!(error instanceof ApiError)) throw error;
    }
  }

  createSession(fields: object): void {
    if (this.session !== undefined) return;
    const created = this.cluster.put('whatsappsessions', {
      apiVersion: 'whatsapp-operator.io/v1alpha1',
      kind: 'WhatsAppSession',
      metadata: { name: 'sales', namespace: 'shop', generation: this.#generation },
      spec: sessionSpec.parse(fields),
    } as KubeObject);
    this.#uidsOfSessions.add(created.metadata.uid);
  }

  changeSpec(fields: object): void {
    const { session } = this;
    if (session === undefined) return;
    this.#generation += 1;
    const { spec } = session as unknown as WhatsAppSession;
    this.cluster.put('whatsappsessions', {
      ...session,
      metadata: { ...session.metadata, generation: this.#generation },
      spec: { ...spec, ...fields },
    } as KubeObject);
  }

  annotate(name: string, value: string | undefined): void {
    const { session } = this;
    if (session === undefined) return;
    const { [name]: _old, ...rest } = session.metadata.annotations ?? {};
    const annotations = value === undefined ? rest : { ...rest, [name]: value };
    this.cluster.put('whatsappsessions', { ...session, metadata: { ...session.metadata, annotations } });
  }

  setPod(change: (pod: Live<Pod>) => Live<Pod>): void {
    const { pod } = this;
    if (pod === undefined || this.foreign.has(pod.metadata.uid)) return;
    this.cluster.put('pods', change(pod));
  }

  crash(): void {
    this.setPod((pod) => {
      const restartCount = (pod.status?.containerStatuses?.[0]?.restartCount ?? 0) + 1;
      const finishedAt = new Date(this.now).toISOString();
      const lastState = { terminated: { exitCode: 1, reason: 'Error', finishedAt } };
      return { ...pod, status: running(false, { restartCount, lastState }) };
    });
  }

  stranger(plural: (typeof children)[number]): void {
    if (this.cluster.get(plural, KEY) !== undefined) return;
    const object = {
      apiVersion: 'v1',
      kind: 'Any',
      metadata: { name: 'sales', namespace: 'shop' },
      spec: {},
    };
    this.foreign.add(this.cluster.put(plural, object).metadata.uid);
  }

  /** What kubelet, scheduler and provisioner do in the end. */
  settle(): void {
    this.cluster.collectGarbage(children, 'whatsappsessions');
    const claim = this.cluster.get('persistentvolumeclaims', KEY);
    if (claim !== undefined && !this.foreign.has(claim.metadata.uid)) {
      const { requests } = (claim as unknown as { spec: { resources: { requests: { storage: string } } } })
        .spec.resources;
      this.cluster.put('persistentvolumeclaims', {
        ...claim,
        status: { phase: 'Bound', capacity: requests },
      } as KubeObject);
    }
    const { pod } = this;
    if (pod === undefined) return;
    if (pod.metadata.deletionTimestamp !== undefined) this.cluster.remove('pods', KEY);
    else if (pod.status?.phase !== 'Failed') {
      const restartCount = pod.status?.containerStatuses?.[0]?.restartCount ?? 0;
      const lastState = pod.status?.containerStatuses?.[0]?.lastState;
      this.setPod((mine) => ({
        ...mine,
        status: running(true, { restartCount, ...(lastState === undefined ? {} : { lastState }) }),
      }));
    }
  }

  catchUp(): void {
    for (const plural of plurals) this.cluster.catchUp(plural);
  }
}
