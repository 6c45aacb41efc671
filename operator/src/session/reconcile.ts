import type { SessionStatus, WhatsAppSession } from '@whatsapp-operator/api/resource';
import type { KubeClient } from '../kube/client.ts';
import {
  done,
  type Reconcile,
  type ReconcileContext,
  type Result,
  requeueAfter,
} from '../kube/controller.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { ObjectKey } from '../kube/key.ts';
import type { Logger } from '../kube/logger.ts';
import type { KubeObject, Live } from '../kube/objects.ts';
import { type Acted, act, preflight } from './act.ts';
import { type Decision, decide } from './decide.ts';
import { type Remembered, withoutRefusals, withRefusal } from './memory.ts';
import type { SessionMetrics } from './metrics.ts';
import type { Observer } from './observe.ts';
import type { Observed } from './observed.ts';
import { sessions } from './session-resource.ts';
import type { SessionSettings } from './session-settings.ts';
import { withApiKey } from './status.ts';
import { statusWrite } from './status-write.ts';
import { eventsBetween } from './transitions.ts';
import { findTrouble, stuckObject } from './trouble.ts';

/**
 * One round for one session: observe, decide, act, tell.
 *
 * Guarantees: it can end anywhere, and the next round goes on from what the cluster says; the status is written only
 * when it differs, and before a pod is ended; Events and metrics follow a status that is written.
 */
export interface ReconcilerOptions {
  readonly client: KubeClient;
  readonly observer: Observer;
  readonly recorder: Pick<EventRecorder, 'record'>;
  readonly metrics: SessionMetrics;
  readonly settings: SessionSettings;
  readonly now: () => number;
  readonly random: () => number;
  readonly log: Logger;
}

/** How long an Event about a stuck object is believed before it is looked for again, in milliseconds. */
const TROUBLE_MS = 20_000;

/** Until the next round when an object that no cache shows has to be dealt with, in milliseconds. */
const FOUND_MS = 100;

export function createReconciler(options: ReconcilerOptions): Reconcile {
  return async (key, context) => {
    const { observer, settings, now, random } = options;
    const session = observer.session(key);
    if (session === undefined || session.metadata.deletionTimestamp !== undefined) {
      // Its children have it as owner: the garbage collector takes them, and the retained claim stays.
      observer.forget(key);
      return done;
    }
    await lookForTrouble(options, key, context);
    const observed = observer.observe(key);
    if (observed === undefined) return done;
    const decision = await approved(options, key, observed, context);
    if (decision.statusFirst) await tell(options, key, decision.status, decision, context);
    const acted = await act(decision.steps, { client: options.client, signal: context.signal });
    const after =
      decision.steps.length === 0 ? decision : decide(remember(options, key, acted), settings, now());
    const status = acted.apiKeyMade ? withApiKey(after.status, session.metadata.name) : after.status;
    // Asked before the status is told: what the pod says of its change goes into the same write. That the key was made
    // is known from nowhere else, so it waits for nothing.
    observer.follow(key);
    const awaitedSince = acted.apiKeyMade ? undefined : observer.awaitedSince(key);
    const calmMs = await tell(options, key, status, { ...decision, awaitedSince }, context);
    return nextRound([after.requeueAfterMs, calmMs, foundMs(acted, after)], random);
  };
}

/** The earliest wish, a little sooner or later, so that a fleet does not look all at once. */
function nextRound(wishesMs: readonly (number | undefined)[], random: () => number): Result {
  const soonest = Math.min(...wishesMs.filter((ms) => ms !== undefined));
  return Number.isFinite(soonest) ? requeueAfter(soonest * (0.9 + 0.2 * random())) : done;
}

/** An object that no cache shows was met, and something has to be done about it: no event will tell of it. */
const foundMs = ({ nameTaken }: Acted, { steps }: Decision): number | undefined =>
  nameTaken && steps.length > 0 ? FOUND_MS : undefined;

/** The decision, once the API server has said that it takes the successor of a pod that is to be ended. */
async function approved(
  options: ReconcilerOptions,
  key: ObjectKey,
  observed: Observed,
  { signal }: ReconcileContext,
): Promise<Decision> {
  const { client, observer, settings, now } = options;
  const decision = decide(observed, settings, now());
  if (!decision.takesTurn) return decision;
  // Before anything is waited for: another worker counts the places meanwhile.
  observer.turns.grant(observed.session.metadata.uid, now());
  try {
    const refused = await preflight(decision.steps, { client, signal });
    if (refused === undefined) return decision;
    observer.remember(key, (before) => withRefusal(before, refused, now()));
  } catch (error) {
    observer.turns.revoke(observed.session.metadata.uid);
    throw error;
  }
  observer.turns.revoke(observed.session.metadata.uid);
  const again = observer.observe(key) ?? observed;
  return decide(again, settings, now());
}

/** Takes in what the API server answered, and observes anew. */
function remember({ observer, now }: ReconcilerOptions, key: ObjectKey, acted: Acted): Observed {
  for (const { child, object } of acted.seen) observer.note(child, key, object);
  observer.remember(key, (before) => {
    const written = acted.seen.map(({ child }) => child);
    const kept = withoutRefusals(before, acted.apiKeyMade ? [...written, 'apiKeySecret'] : written);
    return acted.refused === undefined ? kept : withRefusal(kept, acted.refused, now());
  });
  const observed = observer.observe(key);
  if (observed === undefined) throw new Error(`session ${key} went away during its reconcile`);
  return observed;
}

/** Writes the status if it differs. Returns after how many milliseconds a write that waits is due. */
async function tell(
  options: ReconcilerOptions,
  key: ObjectKey,
  status: SessionStatus,
  { restarts, awaitedSince }: Pick<Decision, 'restarts'> & { readonly awaitedSince?: number | undefined },
  { signal }: ReconcileContext,
): Promise<number | undefined> {
  const { client, observer, recorder, metrics, now, log } = options;
  const session = observer.session(key);
  if (session === undefined) return undefined;
  const write = statusWrite(session.status, status, {
    writtenAt: observer.remembered(key).writtenAt,
    awaitedSince,
    now: now(),
  });
  if (write.kind === 'unchanged') return undefined;
  if (write.kind === 'later') return write.afterMs;
  const { uid, resourceVersion } = session.metadata;
  const body = { metadata: { uid, resourceVersion }, status: write.patch };
  const written = await client.patch(
    sessions,
    session.metadata,
    { type: 'merge', body },
    { subresource: 'status', signal },
  );
  observer.noteSession(key, written);
  observer.remember(key, (before): Remembered => ({ ...before, writtenAt: now() }));
  if (restarts !== undefined && isCounted(session, status)) metrics.restarted(restarts);
  for (const event of eventsBetween(session.status, status))
    recorder.record(written as Live<KubeObject>, event);
  if (session.status?.phase !== status.phase) logTransition(log, session, status);
  return undefined;
}

/** Whether this write is the one that counted restarts: a round can write twice. */
const isCounted = (session: WhatsAppSession, status: SessionStatus): boolean =>
  session.status?.restarts?.containerRestarts !== status.restarts?.containerRestarts ||
  session.status?.restarts?.podUID !== status.restarts?.podUID;

function logTransition(log: Logger, session: WhatsAppSession, status: SessionStatus): void {
  const { namespace, name } = session.metadata;
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  log.info(
    { namespace, name, from: session.status?.phase, to: status.phase, reason: ready?.reason },
    'session phase',
  );
}

/** Reads Events about an object that is stuck; forgets what they said once it moves. */
async function lookForTrouble(
  { client, observer, now, log }: ReconcilerOptions,
  key: ObjectKey,
  { signal }: ReconcileContext,
) {
  const observed = observer.observe(key);
  if (observed === undefined) return;
  const known = observer.remembered(key).trouble;
  const uid = stuckObject(observed, now());
  if (uid === undefined) {
    if (known !== undefined) observer.remember(key, (before) => ({ ...before, trouble: undefined }));
    return;
  }
  if (known !== undefined && now() - known.at < TROUBLE_MS) return;
  try {
    const found = await findTrouble(client, observed.session.metadata.namespace, uid, signal);
    observer.remember(key, (before) => ({ ...before, trouble: { found, at: now() } }));
  } catch (error) {
    // Events only explain. Without the right to read them everything else goes on.
    log.debug({ key, err: error }, 'events not read');
    observer.remember(key, (before) => ({ ...before, trouble: { found: known?.found, at: now() } }));
  }
}
