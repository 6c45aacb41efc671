import type { ReadyReason, WhatsAppSession } from '@whatsapp-operator/api/resource';
import type { SessionState } from '@whatsapp-operator/api/session';
import type { Trouble } from './observed.ts';
import type { Obstacle } from './plan-children.ts';
import type { Intent } from './plan-pod.ts';
import type { PodView } from './pod-view.ts';
import type { SessionView } from './session-view.ts';

/** Why a session is Ready or is not: an ordered list of policies, of which the first that applies gives the answer. */
export interface Verdict {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: ReadyReason;
  readonly message: string;
}

export interface ReadyInput {
  readonly session: WhatsAppSession;
  /** What is wrong with the spec, if a newer or older CRD let it through. */
  readonly invalid: string | undefined;
  readonly intent: Intent;
  readonly paused: boolean;
  readonly restarts: number;
  readonly lastRestart: string | undefined;
  readonly obstacles: readonly Obstacle[];
  readonly storage: { readonly ready: boolean; readonly message: string };
  readonly pod: PodView;
  readonly whatsapp: SessionView;
  readonly trouble: Trouble | undefined;
}

type Policy = (input: ReadyInput) => Verdict | undefined;

const no = (reason: ReadyReason, message: string): Verdict => ({ status: 'False', reason, message });

/** In this order: what a person has decided, what stands in the way of the pod, the pod, the session in it. */
const policies: readonly Policy[] = [
  invalidSpec,
  suspended,
  restartLimitExceeded,
  nameTaken,
  predecessor,
  refused,
  ready,
  pausedWithoutPod,
  storageNotReady,
  podTrouble,
  mountFailed,
  podStarting,
  sessionState,
];

export function readyVerdict(input: ReadyInput): Verdict {
  for (const policy of policies) {
    const verdict = policy(input);
    if (verdict !== undefined) return verdict;
  }
  return no('SessionUnreachable', 'the pod runs, and nothing is known of the session in it');
}

function invalidSpec({ invalid }: ReadyInput) {
  return invalid === undefined
    ? undefined
    : no('InvalidSpec', `${invalid}; nothing is changed until the spec is valid`);
}

function suspended({ intent, pod }: ReadyInput) {
  if (intent !== 'suspend') return undefined;
  const ending = pod.kind === 'absent' ? '' : '; the pod is being ended';
  return no(
    'Suspended',
    `spec.operatingMode is Suspended${ending}; account and outbox are kept. Set it to Running to go on`,
  );
}

function restartLimitExceeded({ intent, session, restarts, lastRestart }: ReadyInput) {
  if (intent !== 'stop') return undefined;
  const { limit, window } = session.spec.restarts;
  return no(
    'RestartLimitExceeded',
    `${restarts} restarts within ${window}, ${limit} are allowed; the last one: ${lastRestart ?? 'unknown'}. ${remedyOfRestart(lastRestart)} A changed spec or a new value of the annotation whatsapp-operator.io/restart-at begins again`,
  );
}

const remedyOfRestart = (reason: string | undefined): string =>
  reason === 'OOMKilled'
    ? 'Raise spec.resources.limits.memory.'
    : "Look at the last pod's logs before you begin again.";

function nameTaken({ obstacles, session }: ReadyInput) {
  const found = obstacles.find(({ kind }) => kind === 'foreign');
  if (found?.kind !== 'foreign') return undefined;
  return no(
    'NameTaken',
    `the ${describeChild(found.child)} ${session.metadata.name} is not this session's (${found.why}) and is left alone. Remove or rename it, or give the session another name`,
  );
}

function predecessor({ obstacles, pod }: ReadyInput) {
  const found = obstacles.find(({ kind }) => kind === 'predecessor' || kind === 'terminating');
  if (found === undefined || pod.kind === 'running') return undefined;
  const whose = found.kind === 'predecessor' ? 'of a deleted session of this name' : 'that is being deleted';
  return no('PredecessorTerminating', `waits until the ${describeChild(found.child)} ${whose} is gone`);
}

function refused({ obstacles, pod }: ReadyInput) {
  const found = obstacles.find(({ kind }) => kind === 'refused');
  // What was refused for a pod that is there is told by the conditions that it is about.
  if (found?.kind !== 'refused' || pod.kind !== 'absent') return undefined;
  const { message } = found.refusal;
  const what = `the API server refuses the ${describeChild(found.child)}: ${message}`;
  if (/exceeded quota/i.test(message))
    return no('QuotaExceeded', `${what}. Raise the quota, or free some of it`);
  if (/violates PodSecurity/i.test(message))
    return no(
      'PodSecurityRefused',
      `${what}. Sessions pass the standard "restricted"; look at spec.podTemplate and spec.browser.seccompProfile`,
    );
  return found.child === 'pod'
    ? no('PodRefused', `${what}. Look at spec.podTemplate, spec.resources and the namespace's policies`)
    : no('ChildRefused', what);
}

function ready({ pod }: ReadyInput): Verdict | undefined {
  if (pod.kind !== 'running' || !pod.ready) return undefined;
  return {
    status: 'True',
    reason: 'Connected',
    message: 'connected: a message handed over now can leave now',
  };
}

function pausedWithoutPod({ paused, pod }: ReadyInput) {
  if (!paused || pod.kind !== 'absent') return undefined;
  return no(
    'Paused',
    'there is no pod, and the annotation whatsapp-operator.io/paused keeps the operator from making one. Remove it to go on',
  );
}

function storageNotReady({ storage, pod }: ReadyInput) {
  // A volume that waits for its pod is not what keeps the scheduler from finding a node.
  const schedulerWaits = pod.kind === 'unschedulable' && /persistentvolume|storageclass/i.test(pod.message);
  const waits = pod.kind === 'absent' || pod.kind === 'starting' || schedulerWaits;
  return waits && !storage.ready ? no('StorageNotReady', storage.message) : undefined;
}

function podTrouble({ pod }: ReadyInput): Verdict | undefined {
  switch (pod.kind) {
    case 'node-unreachable':
      return {
        status: 'Unknown',
        reason: 'NodeUnreachable',
        message: `node ${pod.node} does not report. The pod is not made elsewhere while it may still run: never two browsers on one account. If the node is off for certain, delete the Node, or taint it node.kubernetes.io/out-of-service`,
      };
    case 'terminating':
      return pod.overdue
        ? no(
            'NodeUnreachable',
            `the pod was to end, and node ${pod.node ?? 'unknown'} does not confirm it. If the node is off for certain, delete the Node, or taint it node.kubernetes.io/out-of-service`,
          )
        : no('PodTerminating', 'the former pod is ending; the next one follows');
    case 'lost':
      return no(
        'PodLost',
        `the pod ended: ${pod.reason}${pod.message ? `, ${pod.message}` : ''}. Another one follows`,
      );
    case 'unschedulable':
      return no(
        'Unschedulable',
        `no node takes the pod: ${pod.message}. Look at spec.resources, spec.podTemplate and the nodes`,
      );
    case 'image-unavailable':
      return no(
        'ImageUnavailable',
        `${pod.reason}: ${pod.message}. Look at spec.image and spec.podTemplate.imagePullSecrets`,
      );
    case 'misconfigured':
      return no(
        'SecretMissing',
        `the container cannot be made: ${pod.message}. Create it, or correct spec.podTemplate.env`,
      );
    case 'crash-looping':
      return pod.outOfMemory
        ? no(
            'OutOfMemory',
            `the session needs more than its memory limit (${pod.message}). Raise spec.resources.limits.memory`,
          )
        : no(
            'CrashLooping',
            `the session ends again and again (${pod.message}). Look at: kubectl logs --previous`,
          );
    default:
      return undefined;
  }
}

function mountFailed({ pod, trouble }: ReadyInput) {
  if (pod.kind !== 'starting' || trouble === undefined) return undefined;
  if (/secret/i.test(trouble.message) && /not found|non-existent/i.test(trouble.message))
    return no(
      'SecretMissing',
      `${trouble.message}. Create the Secret with that key; spec.apiKeySecretRef and spec.proxy.secretRef name them`,
    );
  return no('MountFailed', `${trouble.reason}: ${trouble.message}`);
}

function podStarting({ pod }: ReadyInput) {
  if (pod.kind === 'absent') return no('PodStarting', 'the pod is about to be made');
  if (pod.kind !== 'starting') return undefined;
  return no(
    'PodStarting',
    pod.message === '' ? 'the pod waits for its node' : `the pod is starting: ${pod.message}`,
  );
}

function sessionState({ whatsapp, session }: ReadyInput): Verdict | undefined {
  switch (whatsapp.kind) {
    case 'none':
      return undefined;
    case 'unheard':
      return no('BrowserStarting', 'the container runs, and the session in it is starting');
    case 'unreachable':
      return no(
        'SessionUnreachable',
        `the session does not answer on its health port: ${whatsapp.error}. Look at NetworkPolicies between the operator and the pod`,
      );
    case 'state':
      return verdictOfState(whatsapp.state, explain(whatsapp), session);
  }
}

const explain = ({ reason, detail }: { readonly reason: string; readonly detail: string }): string =>
  [reason, detail].filter((part) => part !== '').join(': ');

function verdictOfState(state: SessionState, why: string, { metadata, spec }: WhatsAppSession): Verdict {
  const command = `kubectl was ${spec.pairing.method === 'QRCode' ? 'qr' : 'code'} ${metadata.name} -n ${metadata.namespace}`;
  switch (state) {
    case 'Starting':
      return no('BrowserStarting', 'the browser is starting');
    case 'Pairing':
      return no('PairingRequired', `a phone has to link the account: ${command}`);
    case 'Syncing':
      return no('Syncing', 'linked; fetching what was missed');
    case 'Connected':
      return no('NotReady', 'connected; its readiness is about to be probed');
    case 'Disconnected':
      return no(
        'Disconnected',
        `the connection to WhatsApp is lost (${why || 'cause unknown'}); it is being brought back, messages are still accepted`,
      );
    case 'LoggedOut':
      return no(
        'LoggedOut',
        'the account was unlinked by the phone or by WhatsApp; it has to be linked again',
      );
    case 'Failed':
      return no(
        'SessionFailed',
        `stopped, because trying again would make it worse (${why}). Mend the cause, then set the annotation whatsapp-operator.io/restart-at`,
      );
    case 'Stopped':
      return no('SessionStopped', 'the session is shutting down');
  }
}

const describeChild = (child: string): string =>
  ({
    claim: 'PersistentVolumeClaim',
    service: 'Service',
    networkPolicy: 'NetworkPolicy',
    pod: 'Pod',
    apiKeySecret: 'Secret',
  })[child] ?? child;
