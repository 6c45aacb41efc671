import { basename, dirname } from 'node:path/posix';
import type { Quantity, WhatsAppSession } from '@whatsapp-operator/api/resource';
import type { Container, EnvVar, Pod, PodSpec, Probe, SeccompProfile, Volume } from '../../kube/pod.ts';
import { canonicalJson } from '../canonical.ts';
import { childLabels, childMeta, containerName, inputsAnnotation, labels, ports } from '../names.ts';
import type { PodInputs } from '../pod-inputs.ts';
import { paths, podEnvironment, SHUTDOWN_SECONDS } from './pod-environment.ts';

/** User and group of the session's image. */
const USER = 10001;

/**
 * How long the container gets to finish the send in flight and to close the browser in order, in seconds: a killed
 * profile can lose its login.
 */
const GRACE_SECONDS = SHUTDOWN_SECONDS + 10;

/**
 * The pod of a session: bare, under the session's own name, so that there can only ever be one. Passes the restricted
 * Pod Security Standard. The image brings an init process, which collects what Chromium leaves behind.
 */
export function buildPod(
  session: WhatsAppSession,
  inputs: PodInputs,
  environment: readonly EnvVar[] = [],
): Pod {
  const { podTemplate } = inputs;
  const meta = childMeta(session);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...meta,
      labels: { ...podTemplate?.labels, ...childLabels(session) },
      annotations: { ...podTemplate?.annotations, [inputsAnnotation]: canonicalJson(inputs) },
    },
    spec: {
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: GRACE_SECONDS,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: USER,
        runAsGroup: USER,
        fsGroup: USER,
        fsGroupChangePolicy: 'OnRootMismatch',
        seccompProfile: seccompProfile(inputs),
      },
      containers: [container(session, inputs, environment)],
      volumes: volumes(session, inputs),
      ...placement(session, inputs),
    },
  };
}

/** Chromium's own sandbox needs system calls that RuntimeDefault forbids. */
function seccompProfile({ browser }: PodInputs): SeccompProfile {
  return browser.seccompProfile === undefined
    ? { type: 'RuntimeDefault' }
    : { type: 'Localhost', localhostProfile: browser.seccompProfile };
}

function container(session: WhatsAppSession, inputs: PodInputs, environment: readonly EnvVar[]): Container {
  return {
    name: containerName,
    image: inputs.image,
    imagePullPolicy: inputs.imagePullPolicy,
    env: podEnvironment(session, inputs, environment),
    ports: [
      { name: 'api', containerPort: ports.api },
      { name: 'health', containerPort: ports.health },
    ],
    resources: {
      requests: quantities(inputs.resources.requests),
      limits: quantities(inputs.resources.limits),
    },
    // Starting covers a cold browser on a slow disk; recovery within the process comes long before liveness fails.
    startupProbe: { ...probe('/startupz'), periodSeconds: 2, failureThreshold: 90 },
    livenessProbe: { ...probe('/livez'), periodSeconds: 10, failureThreshold: 3 },
    readinessProbe: { ...probe('/readyz'), periodSeconds: 5, failureThreshold: 1 },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [
      { name: 'data', mountPath: paths.data },
      { name: 'tmp', mountPath: paths.tmp },
      { name: 'home', mountPath: paths.home },
      { name: 'shared-memory', mountPath: paths.sharedMemory },
      { name: 'api-key', mountPath: dirname(paths.apiKey), readOnly: true },
    ],
  };
}

const probe = (path: string): Probe => ({ httpGet: { path, port: 'health' }, timeoutSeconds: 5 });

const quantities = (list: Readonly<Record<string, Quantity | undefined>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(list).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );

function volumes(session: WhatsAppSession, { apiKeySecretRef }: PodInputs): readonly Volume[] {
  return [
    { name: 'data', persistentVolumeClaim: { claimName: session.metadata.name } },
    { name: 'tmp', emptyDir: { sizeLimit: '512Mi' } },
    { name: 'home', emptyDir: { sizeLimit: '64Mi' } },
    // Chromium's processes share memory here; it counts against the container's limit.
    { name: 'shared-memory', emptyDir: { medium: 'Memory', sizeLimit: '256Mi' } },
    {
      name: 'api-key',
      secret: {
        secretName: apiKeySecretRef.name,
        defaultMode: 0o440,
        items: [{ key: apiKeySecretRef.key, path: basename(paths.apiKey) }],
      },
    },
  ];
}

/** What the person said about where the pod runs. */
function placement(session: WhatsAppSession, { podTemplate }: PodInputs): Partial<PodSpec> {
  if (podTemplate === undefined) return {};
  const { nodeSelector, tolerations, affinity, priorityClassName, runtimeClassName, imagePullSecrets } =
    podTemplate;
  const anySession = { matchLabels: { [labels.name]: childLabels(session)[labels.name] } };
  return definedOnly({
    nodeSelector,
    tolerations: tolerations?.map((toleration) => definedOnly(toleration)),
    affinity,
    priorityClassName,
    runtimeClassName,
    imagePullSecrets,
    topologySpreadConstraints: podTemplate.topologySpreadConstraints?.map((constraint) => ({
      ...constraint,
      labelSelector: constraint.labelSelector ?? anySession,
    })),
  });
}

/** Without the fields that are undefined, which the types of optional fields do not admit. */
function definedOnly<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
