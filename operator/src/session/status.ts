import type { SessionPhase, SessionStatus } from '@whatsapp-operator/api/resource';
import { endpointOf } from './children/service.ts';
import { conditionsAfter, type Judgement } from './condition-list.ts';
import { apiKeySecretName } from './names.ts';
import type { Observed } from './observed.ts';
import type { PodPlan, Update } from './plan-pod.ts';
import { podCondition } from './pod-view.ts';
import type { PulledStatus } from './pulled-status.ts';
import { type ReadyInput, readyVerdict, type Verdict } from './ready.ts';
import { exceededCondition, type RestartStatus } from './restart-budget.ts';
import { type StorageVerdict, storageVerdict } from './storage.ts';

/** The status that tells of a decision. Equal inputs give equal statuses: what is equal is not written. */

/** What a status is made of beyond what was observed. */
export interface StatusInput extends Omit<ReadyInput, 'storage'> {
  readonly observed: Observed;
  readonly plan: PodPlan;
  readonly restartStatus: RestartStatus;
}

export function buildStatus(input: StatusInput, now: number): SessionStatus {
  const { session, observed, plan } = input;
  const storage = storageVerdict(session, observed.claim, input.obstacles, input.trouble);
  const ready = readyVerdict({
    ...input,
    storage: { ready: storage.status === 'True', message: storage.message },
  });
  const phase = phaseOf(input, ready);
  const heard = heardFrom(input, phase);
  const before = session.status;
  const keyMade = session.spec.apiKeySecretRef === undefined && input.invalid === undefined;
  return withoutNull({
    phase,
    observedGeneration: session.metadata.generation,
    conditions: conditionsAfter(
      before?.conditions,
      judgements(input, ready, storage, heard.account !== undefined, phase),
      session.metadata.generation,
      now,
    ),
    ...heard,
    endpoint: endpointOf(session),
    podName: observed.pod === undefined ? undefined : observed.pod.metadata.name,
    image: plan.image,
    apiKeySecret: keyMade ? before?.apiKeySecret : session.spec.apiKeySecretRef?.name,
    restarts: input.restartStatus,
  });
}

/** The status once the generated Secret is there. */
export const withApiKey = (status: SessionStatus, session: string): SessionStatus => ({
  ...status,
  apiKeySecret: apiKeySecretName(session),
});

/** What the session pod told, or told before: an operator that has just started knows nothing else. */
function heardFrom(input: StatusInput, phase: SessionPhase) {
  const { answer, session, pod } = input.observed;
  const before = session.status;
  if (answer?.kind !== 'status') {
    const { podUID, versions, lastDisconnect } = before ?? {};
    const connectedSince = phase === 'Connected' ? before?.connectedSince : undefined;
    return { account: accountOf(input, undefined), podUID, versions, lastDisconnect, connectedSince };
  }
  const { status } = answer;
  return {
    account: accountOf(input, status.account),
    podUID: pod?.metadata.uid,
    versions: status.versions ? withoutNull(status.versions) : before?.versions,
    lastDisconnect: status.lastDisconnect
      ? { reason: status.lastDisconnect.reason, time: status.lastDisconnect.at }
      : before?.lastDisconnect,
    connectedSince: phase === 'Connected' ? (status.connectedSince ?? before?.connectedSince) : undefined,
  };
}

/** Kept while nothing speaks against it: a suspended session has its account. */
function accountOf(
  { whatsapp, session }: StatusInput,
  told: PulledStatus['account'],
): SessionStatus['account'] {
  if (told) return withoutNull({ id: told.id, name: told.name, platform: told.platform });
  const unlinked =
    whatsapp.kind === 'state' && (whatsapp.state === 'Pairing' || whatsapp.state === 'LoggedOut');
  return unlinked ? undefined : session.status?.account;
}

function phaseOf({ intent, invalid, pod, whatsapp }: StatusInput, ready: Verdict): SessionPhase {
  if (intent === 'suspend') return 'Suspended';
  if (intent === 'stop' || invalid !== undefined) return 'Failed';
  if (ready.status === 'True') return 'Connected';
  if (pod.kind === 'node-unreachable') return 'Disconnected';
  if (pod.kind === 'crash-looping') return 'Starting';
  if (pod.kind !== 'running') return 'Pending';
  if (whatsapp.kind !== 'state') return whatsapp.kind === 'unreachable' ? 'Disconnected' : 'Starting';
  switch (whatsapp.state) {
    case 'Syncing':
    case 'Stopped':
    case 'Connected':
      return 'Starting';
    default:
      return whatsapp.state;
  }
}

function judgements(
  input: StatusInput,
  ready: Verdict,
  storage: StorageVerdict,
  linked: boolean,
  phase: SessionPhase,
): readonly Judgement[] {
  const { plan, paused, intent, session } = input;
  return [
    { type: 'Ready', ...ready },
    { type: 'PodScheduled', ...scheduled(input) },
    { type: 'StorageReady', ...storage },
    { type: 'Paired', ...paired(input, linked) },
    phase === 'Connected'
      ? { type: 'Connected', status: 'True', reason: 'Connected', message: 'WhatsApp Web is connected' }
      : { type: 'Connected', status: 'False', reason: ready.reason, message: ready.message },
    ...(intent === 'suspend'
      ? [
          {
            type: 'Suspended',
            status: 'True',
            reason: 'OperatingMode',
            message: 'spec.operatingMode is Suspended',
          } as const,
        ]
      : []),
    ...(paused
      ? [
          {
            type: 'Paused',
            status: 'True',
            reason: 'Annotation',
            message: 'whatsapp-operator.io/paused is set: the operator changes nothing',
          } as const,
        ]
      : []),
    ...updating(plan.update),
    ...(intent === 'stop'
      ? [
          {
            type: 'RestartLimitExceeded',
            status: 'True',
            reason: ready.reason === 'RestartLimitExceeded' ? 'TooManyRestarts' : ready.reason,
            message: exceededCondition(session)?.message ?? ready.message,
          } as const,
        ]
      : []),
  ];
}

function scheduled({ observed }: StatusInput): Omit<Judgement, 'type'> {
  const condition = podCondition(observed.pod, 'PodScheduled');
  if (observed.pod === undefined) return { status: 'False', reason: 'NoPod', message: 'there is no pod' };
  if (condition === undefined)
    return { status: 'Unknown', reason: 'NotSeen', message: 'the scheduler has not looked at the pod' };
  return {
    status: condition.status,
    reason: condition.reason ?? 'Scheduled',
    message: condition.message ?? '',
  };
}

function paired({ whatsapp, session }: StatusInput, linked: boolean): Omit<Judgement, 'type'> {
  const state = whatsapp.kind === 'state' ? whatsapp.state : undefined;
  if (state === 'LoggedOut')
    return { status: 'False', reason: 'LoggedOut', message: 'the account was unlinked' };
  if (state === 'Pairing')
    return { status: 'False', reason: 'PairingRequired', message: 'no account is linked' };
  if (linked || state === 'Connected' || state === 'Syncing')
    return { status: 'True', reason: 'Linked', message: 'an account is linked' };
  const before = session.status?.conditions?.find(({ type }) => type === 'Paired');
  return before === undefined
    ? { status: 'Unknown', reason: 'NotKnownYet', message: 'the session has not said yet' }
    : { status: before.status, reason: before.reason, message: before.message };
}

/** False while a change waits, True while the successor is on its way: the transition time is when that began. */
function updating(update: Update): readonly Judgement[] {
  switch (update.kind) {
    case 'none':
      return [];
    case 'waiting':
      return [{ type: 'Updating', status: 'False', reason: 'WaitingForTurn', message: update.message }];
    case 'refused':
      return [
        {
          type: 'Updating',
          status: 'False',
          reason: 'SuccessorRefused',
          message: `${update.message}, and the API server would refuse the new pod: ${update.refusal.message}. The pod goes on as it is`,
        },
      ];
    case 'replacing':
      return [{ type: 'Updating', status: 'True', reason: 'ReplacingPod', message: update.message }];
  }
}

type WithoutNull<T> = { [K in keyof T]: Exclude<T[K], null | undefined> };

/** What is unknown is left out, as the status schema wants it. */
const withoutNull = <T extends object>(value: T): WithoutNull<T> =>
  Object.fromEntries(
    Object.entries(value).filter(([, inner]) => inner !== undefined && inner !== null),
  ) as WithoutNull<T>;
