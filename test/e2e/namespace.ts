import { setTimeout as sleep } from 'node:timers/promises';
import {
  CoreV1Api,
  type KubernetesObject,
  KubernetesObjectApi,
  type V1Container,
  type V1Namespace,
  type V1ObjectMeta,
  type V1Pod,
} from '@kubernetes/client-node';
import { readSettings } from '../cluster/settings.ts';
import { connectTarget, type TargetCluster } from '../cluster/target.ts';

/** A namespace that a test has for itself, and what tests do in it. Dispose of it to remove everything. */
export interface TestNamespace {
  readonly name: string;
  readonly target: TargetCluster;
  readonly core: CoreV1Api;
  readonly create: (object: KubernetesObject) => Promise<void>;
  readonly remove: (object: KubernetesObject) => Promise<void>;
  readonly pod: (name: string) => Promise<V1Pod>;
  /** Waits until the pod is as asked; fails with the pod's status after `seconds`. */
  readonly podWhen: (name: string, is: (pod: V1Pod) => boolean, seconds?: number) => Promise<V1Pod>;
  readonly dispose: () => Promise<void>;
}

/**
 * Creates a namespace with a name that begins with `prefix`, or is `exactName`, once one of that name is gone; labels
 * can ask for a Pod Security Standard.
 */
export async function createNamespace(
  prefix: string,
  labels: Readonly<Record<string, string>> = {},
  exactName?: string,
): Promise<TestNamespace> {
  const target = connectTarget(readSettings(process.env));
  const core = target.kubeConfig.makeApiClient(CoreV1Api);
  const objects = KubernetesObjectApi.makeApiClient(target.kubeConfig);
  const named = exactName === undefined ? { generateName: `${prefix}-` } : { name: exactName };
  const created = await createOnceGone(core, { ...named, labels });
  const name = created.metadata?.name ?? '';
  await waitForServiceAccount(core, name);
  const within = (object: KubernetesObject): KubernetesObject => ({
    ...object,
    metadata: { ...object.metadata, namespace: name },
  });
  const pod = (podName: string): Promise<V1Pod> => core.readNamespacedPod({ name: podName, namespace: name });
  return {
    name,
    target,
    core,
    create: async (object) => {
      await objects.create(within(object));
    },
    remove: async (object) => {
      await objects.delete(within(object), undefined, undefined, 0);
    },
    pod,
    podWhen: async (podName, is, seconds = 60) => {
      let last: V1Pod | undefined;
      for (
        const deadline = performance.now() + seconds * 1000;
        performance.now() < deadline;
        await sleep(200)
      ) {
        // The API server may be away on purpose; the deadline stands.
        last = await pod(podName).catch(() => last);
        if (last !== undefined && is(last)) return last;
      }
      throw new Error(
        `pod ${podName} is not as expected after ${seconds} s: ${JSON.stringify(last?.status, undefined, 1)}`,
      );
    },
    dispose: async () => {
      await core.deleteNamespace({ name });
    },
  };
}

/** A namespace that is being deleted keeps its name for a while. */
async function createOnceGone(core: CoreV1Api, metadata: V1ObjectMeta): Promise<V1Namespace> {
  for (const deadline = performance.now() + 60_000; ; await sleep(500)) {
    try {
      return await core.createNamespace({ body: { metadata } });
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
  }
}

/** Pods are refused until the controller manager has made the namespace's ServiceAccount. */
async function waitForServiceAccount(core: CoreV1Api, namespace: string): Promise<void> {
  for (const deadline = performance.now() + 30_000; ; await sleep(50)) {
    try {
      await core.readNamespacedServiceAccount({ name: 'default', namespace });
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
  }
}

export const isReady = (pod: V1Pod): boolean =>
  pod.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ??
  false;

export const restartsOf = (pod: V1Pod): number => pod.status?.containerStatuses?.[0]?.restartCount ?? 0;

/** A claim on the default StorageClass that one pod at a time may use. */
export const claim = (name: string, size: string): KubernetesObject =>
  ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
    spec: { accessModes: ['ReadWriteOncePod'], resources: { requests: { storage: size } } },
  }) as KubernetesObject;

/** How a probe pod differs from the plain one. */
export interface ProbeOptions {
  readonly claim?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly container?: Partial<V1Container>;
}

/** A pod of the probe image under the restricted Pod Security Standard. */
export function probePod(
  namespace: TestNamespace,
  name: string,
  options: ProbeOptions = {},
): V1Pod & KubernetesObject {
  const volume =
    options.claim === undefined ? { emptyDir: {} } : { persistentVolumeClaim: { claimName: options.claim } };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name, ...options.labels } },
    spec: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 5,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 10001,
        fsGroup: 10001,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          name: 'probe',
          image: namespace.target.image('probe'),
          imagePullPolicy: 'IfNotPresent',
          ports: [{ name: 'http', containerPort: probePort }],
          volumeMounts: [{ name: 'data', mountPath: '/data' }],
          readinessProbe: { httpGet: { path: '/readyz', port: probePort }, periodSeconds: 1 },
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
          ...options.container,
        },
      ],
      volumes: [{ name: 'data', ...volume }],
    },
  };
}

/** The port that the probe listens on. */
export const probePort = 8080;
