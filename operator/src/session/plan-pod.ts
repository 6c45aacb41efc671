import type { WhatsAppSession } from '@whatsapp-operator/api/resource';
import type { Live } from '../kube/objects.ts';
import type { Pod } from '../kube/pod.ts';
import { fingerprint } from './canonical.ts';
import { buildPod } from './children/pod.ts';
import { childMeta } from './names.ts';
import type { Observed, Refusal } from './observed.ts';
import { ownershipOf } from './ownership.ts';
import type { Step } from './plan.ts';
import { identityPatch, type Obstacle, standingRefusal } from './plan-children.ts';
import { needsReplacement, podInputs, recordedInputs } from './pod-inputs.ts';
import type { PodView } from './pod-view.ts';
import type { SessionSettings } from './session-settings.ts';

/**
 * What becomes of the pod.
 *
 * Guarantees: a pod is made only when none of its name is there and everything that it needs is; it is ended only when
 * it is ours by UID; a running session is ended for a change only in its turn, and only for a successor that the API
 * server would take.
 */

/** Whether there should be a pod. */
export type Intent = 'run' | 'suspend' | 'stop';

export interface PodPlan {
  readonly steps: readonly Step[];
  readonly obstacles: readonly Obstacle[];
  readonly update: Update;
  /** The image to remember: undefined makes the next start choose anew. */
  readonly image: string | undefined;
}

/** Where a replacement stands. */
export type Update =
  | { readonly kind: 'none' }
  | { readonly kind: 'waiting'; readonly message: string }
  /** The API server would not take the successor: the pod goes on as it is. */
  | { readonly kind: 'refused'; readonly message: string; readonly refusal: Refusal }
  /** The pod was ended for its successor, which is not back yet. */
  | { readonly kind: 'replacing'; readonly message: string };

/** A pod that ends sooner than this after it was made is not made again at once, in milliseconds. */
const LOST_BACKOFF_MS = 10_000;

const none: Update = { kind: 'none' };

export function planPod(
  observed: Observed,
  view: PodView,
  intent: Intent,
  blocked: boolean,
  settings: SessionSettings,
  now: number,
): PodPlan {
  const { session, pod } = observed;
  if (pod === undefined) {
    if (intent !== 'run') return { steps: [], obstacles: [], update: none, image: undefined };
    return blocked ? idle(observed, [], settings, now) : createPod(observed, settings, now);
  }
  const ownership = ownershipOf(pod, session);
  if (ownership.kind === 'foreign')
    return idle(observed, [{ kind: 'foreign', child: 'pod', why: ownership.why }], settings, now);
  if (ownership.kind === 'predecessor')
    return idle(observed, [{ kind: 'predecessor', child: 'pod' }], settings, now);
  if (view.kind === 'terminating')
    return { ...idle(observed, [], settings, now), ...(intent === 'run' ? {} : { image: undefined }) };
  if (intent !== 'run') return endPod(pod, intent);
  const identity = identityPatch(pod, { ...pod, metadata: childMeta(session) }, observed);
  if (identity !== undefined) {
    const step: Step = { kind: 'update', child: 'pod', object: pod, patch: { metadata: identity } };
    return { ...idle(observed, [], settings, now), steps: [step] };
  }
  if (view.kind === 'lost') return endLost(observed, pod, view, settings, now);
  return planReplacement(observed, pod, view, settings, now);
}

/** Nothing to do for now; a replacement under way stays under way. */
function idle(
  observed: Observed,
  obstacles: readonly Obstacle[],
  settings: SessionSettings,
  now: number,
): PodPlan {
  return {
    steps: [],
    obstacles,
    update: ongoing(observed, settings, now),
    image: observed.session.status?.image,
  };
}

function endPod(pod: Live<Pod>, intent: 'suspend' | 'stop'): PodPlan {
  const why = intent === 'suspend' ? 'the session is suspended' : 'the restart limit is exceeded';
  return { steps: [{ kind: 'delete-pod', pod, why }], obstacles: [], update: none, image: undefined };
}

function createPod(observed: Observed, settings: SessionSettings, now: number): PodPlan {
  const { session } = observed;
  const inputs = podInputs(session, keptImage(session, settings) ?? defaultImage(session, settings));
  const object = buildPod(session, inputs, settings.environment);
  const refusal = standingRefusal(observed, 'pod', fingerprint(object));
  const update = ongoing(observed, settings, now);
  const steps: readonly Step[] = [{ kind: 'create', child: 'pod', object }];
  if (refusal === undefined) return { steps, obstacles: [], update, image: inputs.image };
  return {
    steps: now >= refusal.retryAt ? steps : [],
    obstacles: [{ kind: 'refused', child: 'pod', refusal }],
    update,
    image: session.status?.image,
  };
}

/** The image of a session that names none and is started deliberately. */
const defaultImage = ({ spec }: WhatsAppSession, settings: SessionSettings): string =>
  spec.browser.flavor === 'Chromium'
    ? (settings.chromiumImage ?? settings.defaultImage)
    : settings.defaultImage;

/** The image that a session keeps when its pod is lost, unless it has the other browser in it. */
function keptImage({ spec, status }: WhatsAppSession, settings: SessionSettings): string | undefined {
  const other = spec.browser.flavor === 'Chromium' ? settings.defaultImage : settings.chromiumImage;
  return status?.image === other && other !== undefined ? undefined : status?.image;
}

/** A pod that was evicted, preempted or refused by its node is taken away, and the next round makes it again. */
function endLost(
  observed: Observed,
  pod: Live<Pod>,
  view: Extract<PodView, { kind: 'lost' }>,
  settings: SessionSettings,
  now: number,
): PodPlan {
  const young = now - Date.parse(pod.metadata.creationTimestamp) < LOST_BACKOFF_MS;
  const step: Step = { kind: 'delete-pod', pod, why: `its pod ended (${view.reason})` };
  const image = recordedInputs(pod)?.image;
  return { ...idle(observed, [], settings, now), steps: young ? [] : [step], image };
}

function planReplacement(
  observed: Observed,
  pod: Live<Pod>,
  view: PodView,
  settings: SessionSettings,
  now: number,
): PodPlan {
  const { session } = observed;
  const recorded = recordedInputs(pod);
  const replacement = needsReplacement(recorded, session);
  const stay = { steps: [], obstacles: [], image: recorded?.image };
  if (replacement === undefined)
    return { ...stay, update: isBack(view, observed) ? none : ongoing(observed, settings, now) };
  const { message } = replacement;
  const inputs = podInputs(session, defaultImage(session, settings));
  const successor = buildPod(session, inputs, settings.environment);
  const refusal = standingRefusal(observed, 'pod', fingerprint(successor));
  if (refusal !== undefined && now < refusal.retryAt)
    return { ...stay, update: { kind: 'refused', message, refusal } };
  if (worksOrMay(view) && observed.othersUpdating >= settings.maxUpdating) {
    const waiting = `${message}; waiting for its turn, ${observed.othersUpdating} other sessions are being replaced`;
    return { ...stay, update: { kind: 'waiting', message: waiting } };
  }
  return {
    steps: [{ kind: 'delete-pod', pod, why: message, successor }],
    obstacles: [],
    update: { kind: 'replacing', message },
    image: undefined,
  };
}

/** A pod that cannot work as it is waits for nobody: its replacement disconnects nothing. */
function worksOrMay(view: PodView): boolean {
  return view.kind === 'running' || view.kind === 'node-unreachable';
}

/** Ready again, or waiting for a person. */
function isBack(view: PodView, { answer }: Observed): boolean {
  if (view.kind !== 'running') return false;
  if (view.ready) return true;
  return answer?.kind === 'status' && ['Pairing', 'LoggedOut', 'Failed'].includes(answer.status.state);
}

/** A replacement that the status tells of, until its time is over. */
function ongoing({ session }: Observed, settings: SessionSettings, now: number): Update {
  const condition = session.status?.conditions?.find(({ type }) => type === 'Updating');
  if (condition?.reason !== 'ReplacingPod') return none;
  return now - Date.parse(condition.lastTransitionTime) > settings.updateTimeoutMs
    ? none
    : { kind: 'replacing', message: condition.message };
}
