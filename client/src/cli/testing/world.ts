import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KEY, startTestPod, type TestPod } from '../../../../session-pod/src/http/testing/test-pod.ts';
import {
  DISCOVERY_PATH,
  discovery,
  type FakeCluster,
  readyCondition,
  type SessionParts,
  sessionObject,
  sessionPath,
  startFakeCluster,
} from './fake-cluster.ts';
import { type InvokeOptions, invoke, type Outcome } from './invoke.ts';

/** A cluster with sessions, in which `kubectl was` runs. */
export class World {
  readonly cluster: FakeCluster;
  /** Of this test, for files. */
  readonly folder: string;
  #pod: TestPod | undefined;

  private constructor(cluster: FakeCluster, folder: string) {
    this.cluster = cluster;
    this.folder = folder;
  }

  static async create(): Promise<World> {
    const cluster = await startFakeCluster();
    cluster.objects.set(DISCOVERY_PATH, discovery);
    return new World(cluster, await mkdtemp(join(tmpdir(), 'wa-')));
  }

  was(words: readonly string[], options: InvokeOptions = {}): Promise<Outcome> {
    return invoke(['--kubeconfig', this.cluster.kubeconfig, ...words], options);
  }

  add(name: string, parts: SessionParts = {}): void {
    this.cluster.objects.set(sessionPath(name, parts.namespace), sessionObject(name, parts));
  }

  /** The session `sales` with a pod behind the API server's proxy. */
  async withPod(): Promise<TestPod> {
    const pod = await startTestPod();
    this.#pod = pod;
    this.add('sales', { status: { podName: 'sales', phase: 'Pairing' } });
    this.cluster.services.set('shop/sales:api', pod.apiPort);
    this.cluster.services.set('shop/sales:health', pod.healthPort);
    const secret = { data: { 'api-key': Buffer.from(KEY).toString('base64') } };
    this.cluster.objects.set('/api/v1/namespaces/shop/secrets/sales-api-key', secret);
    return pod;
  }

  async dispose(): Promise<void> {
    await this.#pod?.remove();
    await this.cluster.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

export const connected: SessionParts['status'] = {
  phase: 'Connected',
  observedGeneration: 1,
  podName: 'sales',
  image: 'localhost/whatsapp-operator/whatsapp-session:1.0.0',
  account: { id: '491510000001@c.us', name: 'Sales' },
  conditions: [readyCondition('True', 'Connected', 'connected: a message handed over now can leave now')],
  restarts: { count: 1, lastReason: 'OOMKilled', lastTime: '2026-11-24T09:00:00Z' },
  connectedSince: '2026-11-24T10:00:00Z',
  lastDisconnect: { reason: 'socket_lost', time: '2026-11-24T09:59:00Z' },
  versions: { engine: 'whatsapp-web.js 1.34.7', browser: 'Chrome/156', whatsappWeb: '2.3000.1' },
};

export const unready = (
  phase: 'Pending' | 'Pairing' | 'Failed',
  reason: string,
  message: string,
): SessionParts['status'] => ({
  phase,
  observedGeneration: 1,
  conditions: [readyCondition('False', reason, message)],
});
