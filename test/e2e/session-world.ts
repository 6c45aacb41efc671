import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Condition, SessionStatus } from '../../api/src/resource/index.ts';
import { openClient } from '../../operator/src/connect.ts';
import type { KubeClient } from '../../operator/src/kube/client.ts';
import { kubeConfigAccess } from '../../operator/src/kube/credentials.ts';
import { isNotFound } from '../../operator/src/kube/errors.ts';
import { silentLogger } from '../../operator/src/kube/logger.ts';
import type { KubeObject, Live } from '../../operator/src/kube/objects.ts';
import type { Pod } from '../../operator/src/kube/pod.ts';
import { claims, pods, type Resource } from '../../operator/src/kube/resource.ts';
import { runOperator } from '../../operator/src/operator.ts';
import { type SessionObject, sessions } from '../../operator/src/session/session-resource.ts';
import { readSettings } from '../../operator/src/settings.ts';
import { budgets } from './budgets.ts';
import { applyCrd } from './crd.ts';
import { createNamespace, type TestNamespace } from './namespace.ts';
import { type ClaimWatch, watchClaims } from './one-browser.ts';
import { openPost, type Post, type Reckoning } from './session-post.ts';
import { deploySandbox, type SessionSandbox } from './session-sandbox.ts';

/**
 * A namespace with a simulated WhatsApp and an operator that looks after it, and what tests of sessions do in it.
 * Sessions are the real image. The operator runs in this process and asks pods by their addresses.
 */
export interface SessionWorld {
  readonly namespace: TestNamespace;
  readonly client: KubeClient;
  readonly sandbox: SessionSandbox;
  /** Sends through the sessions and holds the sandbox's ledger against it. */
  readonly post: Post;
  readonly watch: ClaimWatch;
  /** What an operator of this namespace is told, however it is run. */
  readonly operatorEnvironment: Readonly<Record<string, string>>;
  readonly startOperator: () => void;
  readonly stopOperator: () => Promise<void>;
  /** Creates a session, with a small volume unless the spec says otherwise. */
  readonly create: (name: string, spec?: object) => Promise<Live<SessionObject>>;
  readonly patch: (name: string, body: object) => Promise<void>;
  readonly remove: (name: string) => Promise<void>;
  readonly session: (name: string) => Promise<Live<SessionObject>>;
  /** Waits until Ready has this reason; fails with the status after a while. */
  readonly until: (name: string, reason: string, seconds?: number) => Promise<Condition>;
  readonly untilStatus: (
    name: string,
    is: (status: SessionStatus) => boolean,
    seconds?: number,
  ) => Promise<SessionStatus>;
  readonly pod: (name: string) => Promise<Live<Pod> | undefined>;
  readonly claimUid: (name: string) => Promise<string | undefined>;
  /** Has a session linked by the phone of its own account and waits for it to be connected. */
  readonly link: (name: string) => Promise<void>;
  /** Fails unless the session has the account that it was linked to, its claim, and every message arrived once. */
  readonly isWhole: (name: string) => Promise<void>;
  /** Fails if two pods or two processes were ever on one volume, or if nothing was watched. */
  readonly wasAlone: () => void;
  readonly read: <T extends KubeObject>(resource: Resource<T>, name: string) => Promise<Live<T> | undefined>;
  readonly dispose: () => Promise<void>;
}

/** What every linked session is held against. */
interface Linked {
  readonly account: string;
  readonly claim: string | undefined;
}

export async function createSessionWorld(prefix: string): Promise<SessionWorld> {
  const namespace = await createNamespace(prefix, { 'pod-security.kubernetes.io/enforce': 'restricted' });
  const { target, name: own } = namespace;
  const access = kubeConfigAccess(target.kubeConfig);
  const { client, connection } = openClient(access, { name: 'test' });
  await applyCrd(client);
  const sandbox = await deploySandbox(namespace);
  const post = openPost(namespace, sandbox);
  const watch = await watchClaims(client, own);
  const linked = new Map<string, Linked>();
  const operatorEnvironment = {
    SESSION_IMAGE: target.image('session'),
    WATCH_NAMESPACES: own,
    HEALTH_PORT: '0',
    MAX_UPDATING: '1',
    ...sandbox.operatorEnvironment,
  };
  let operator: { readonly stop: AbortController; readonly ended: Promise<unknown> } | undefined;

  const read: SessionWorld['read'] = async (resource, name) => {
    try {
      return await client.get(resource, { name, namespace: own });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };
  const session = (name: string) => client.get(sessions, { name, namespace: own });
  const untilStatus: SessionWorld['untilStatus'] = async (name, is, seconds = budgets.told) => {
    let last: SessionStatus | undefined;
    for (
      const deadline = performance.now() + seconds * 1000;
      performance.now() < deadline;
      await sleep(200)
    ) {
      last = (await session(name)).status ?? last;
      if (last !== undefined && is(last)) return last;
    }
    throw new Error(
      `session ${name} is not as expected after ${seconds} s: ${JSON.stringify(last, undefined, 1)}`,
    );
  };
  const world: SessionWorld = {
    namespace,
    client,
    sandbox,
    post,
    watch,
    operatorEnvironment,
    read,
    session,
    untilStatus,
    startOperator: () => {
      const stop = new AbortController();
      const settings = readSettings({ ...operatorEnvironment, LEADER_ELECTION: 'false' });
      operator = { stop, ended: runOperator(settings, access, silentLogger, stop.signal) };
    },
    stopOperator: async () => {
      operator?.stop.abort();
      await operator?.ended;
      operator = undefined;
    },
    create: (name, spec = {}) =>
      client.create(sessions, {
        apiVersion: 'whatsapp-operator.io/v1alpha1',
        kind: 'WhatsAppSession',
        metadata: { name, namespace: own },
        spec: { storage: { size: '256Mi' }, ...spec } as never,
      }),
    patch: async (name, body) => {
      await client.patch(sessions, { name, namespace: own }, { type: 'merge', body });
    },
    remove: (name) => client.delete(sessions, { name, namespace: own }),
    until: async (name, reason, seconds) => {
      const readyOf = ({ conditions }: SessionStatus) => conditions?.find(({ type }) => type === 'Ready');
      const status = await untilStatus(name, (seen) => readyOf(seen)?.reason === reason, seconds);
      const ready = readyOf(status);
      if (ready === undefined) throw new Error('no condition Ready');
      return ready;
    },
    pod: (name) => read(pods, name),
    claimUid: async (name) => (await read(claims, name))?.metadata.uid,
    link: async (name) => {
      await world.until(name, 'PairingRequired', budgets.pairing);
      const account = await post.scan(name);
      await world.until(name, 'Connected', budgets.linked);
      linked.set(name, { account, claim: await world.claimUid(name) });
    },
    isWhole: async (name) => {
      const { account, claim } = linked.get(name) ?? {};
      expect((await session(name)).status?.account?.id).toBe(account);
      expect(await world.claimUid(name)).toBe(claim);
      const { accepted, ...wrong } = await post.reckon(name);
      expect(accepted).toBeGreaterThan(0);
      expect(wrong).toEqual({
        missing: [],
        doubled: [],
        unknown: [],
        linkedDevices: 1,
      } satisfies Omit<Reckoning, 'accepted'>);
    },
    wasAlone: () => {
      expect(watch.overlaps).toEqual([]);
      expect(watch.seen.claims).toBeGreaterThan(0);
      if (target.local !== undefined) expect(watch.seen.volumes).toBeGreaterThan(0);
    },
    dispose: async () => {
      await world.stopOperator();
      await watch.stop();
      await sandbox.close();
      await connection.close();
      await namespace.dispose();
    },
  };
  return world;
}
