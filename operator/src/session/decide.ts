import {
  annotations,
  type RestartReason,
  type SessionStatus,
  sessionSpec,
  type WhatsAppSession,
} from '@whatsapp-operator/api/resource';
import type { Observed } from './observed.ts';
import { ownershipOf } from './ownership.ts';
import type { Step } from './plan.ts';
import { type ChildrenPlan, type Obstacle, planChildren } from './plan-children.ts';
import { type Intent, type PodPlan, planPod } from './plan-pod.ts';
import { type PodView, viewPod } from './pod-view.ts';
import { type Budget, restartBudget } from './restart-budget.ts';
import type { SessionSettings } from './session-settings.ts';
import { viewSession } from './session-view.ts';
import { buildStatus } from './status.ts';

/**
 * What to do for one session, and what to say of it.
 *
 * Guarantees: a pure function of its arguments; what it plans is safe to repeat from the start at any point; nothing
 * that is not the session's by UID is in a plan; in a world that is as it should be the plan is empty and the status
 * equals the one that is there.
 */
export interface Decision {
  readonly steps: readonly Step[];
  readonly status: SessionStatus;
  /**
   * Whether the status has to be on the API server before the first step: when a pod is ended, the reason for it must
   * outlive this process.
   */
  readonly statusFirst: boolean;
  /** This session begins to hold one of the places for replacements. */
  readonly takesTurn: boolean;
  /** Look again after this many milliseconds, if nothing changes before. */
  readonly requeueAfterMs: number | undefined;
  /** Restarts counted by this decision, for the metrics. */
  readonly restarts: { readonly count: number; readonly reason: RestartReason } | undefined;
}

export function decide(given: Observed, settings: SessionSettings, now: number): Decision {
  const { session, invalid } = validated(given.session);
  const observed: Observed = { ...given, session };
  const pod = ownPod(observed);
  const paused = isPaused(session);
  const budget = restartBudget(session, pod, now);
  const intent = invalid === undefined ? intentOf(session, budget) : 'run';
  const view = viewPod(pod, now);
  const children =
    invalid === undefined ? planChildren(observed, settings, now) : { steps: [], obstacles: [] };
  const plan =
    invalid === undefined
      ? planPod(
          observed,
          view,
          intent,
          children.obstacles.some((found) => blocks(found, observed)),
          settings,
          now,
        )
      : unchanged(session);
  const obstacles = [...children.obstacles, ...plan.obstacles];
  const whatsapp = viewSession(session, view, pod?.metadata.uid, observed.answer, now);
  const status = buildStatus(
    {
      observed: { ...observed, pod },
      session,
      invalid,
      intent,
      paused,
      restarts: budget.status.count,
      lastRestart: budget.status.lastReason,
      obstacles,
      pod: view,
      whatsapp,
      trouble: observed.trouble,
      plan: paused ? { ...plan, update: { kind: 'none' }, image: session.status?.image } : plan,
      restartStatus: budget.status,
    },
    now,
  );
  const steps = paused ? [] : [...children.steps, ...plan.steps];
  return {
    steps,
    status,
    statusFirst: steps.some(({ kind }) => kind === 'delete-pod'),
    takesTurn: !paused && plan.update.kind === 'replacing',
    requeueAfterMs: nextLook(view, obstacles, plan, settings, now),
    restarts: budget.reason === undefined ? undefined : { count: budget.fresh, reason: budget.reason },
  };
}

/** The pod of this name, unless it is somebody else's. */
function ownPod({ session, pod }: Observed): Observed['pod'] {
  if (pod === undefined) return undefined;
  const { kind } = ownershipOf(pod, session);
  return kind === 'ours' || kind === 'adoptable' ? pod : undefined;
}

/** Whether a pod cannot be made for this. A child that is there and only not as wanted stands in nobody's way. */
function blocks(found: Obstacle, observed: Observed): boolean {
  if (found.kind !== 'refused') return true;
  return found.child === 'apiKeySecret' || observed[found.child] === undefined;
}

/**
 * The session with a spec that is complete: the CRD in the cluster may be older than this operator, and lack fields and
 * their defaults. One that is not valid at all is told, nothing is done by guessing, and defaults stand in for it.
 */
function validated(session: WhatsAppSession): {
  readonly session: WhatsAppSession;
  readonly invalid: string | undefined;
} {
  const result = sessionSpec.safeParse(session.spec ?? {});
  if (result.success) return { session: { ...session, spec: result.data }, invalid: undefined };
  const invalid = result.error.issues
    .map(({ path, message }) => `${['spec', ...path].join('.')}: ${message}`)
    .join('; ');
  return { session: { ...session, spec: defaultSpec }, invalid };
}

const defaultSpec = sessionSpec.parse({});

const unchanged = (session: WhatsAppSession): PodPlan => ({
  steps: [],
  obstacles: [],
  update: { kind: 'none' },
  image: session.status?.image,
});

export function isPaused({ metadata }: WhatsAppSession): boolean {
  const value = metadata.annotations?.[annotations.paused];
  return value !== undefined && value !== 'false';
}

function intentOf(session: WhatsAppSession, budget: Budget): Intent {
  if (session.spec.operatingMode === 'Suspended') return 'suspend';
  return budget.exceeded ? 'stop' : 'run';
}

/** When something has to be looked at that no watch tells of. Undefined when only changes matter. */
function nextLook(
  view: PodView,
  obstacles: ChildrenPlan['obstacles'],
  plan: PodPlan,
  settings: SessionSettings,
  now: number,
): number | undefined {
  const looks = [
    ...obstacles.map((obstacle) => obstacleLook(obstacle, now)),
    podLook(view),
    updateLook(plan, settings, now),
  ];
  const soonest = Math.min(...looks.filter((ms) => ms !== undefined));
  return Number.isFinite(soonest) ? soonest : undefined;
}

/** Objects without our label are in no cache. */
function obstacleLook(obstacle: Obstacle, now: number): number {
  switch (obstacle.kind) {
    case 'foreign':
      return 30_000;
    case 'predecessor':
    case 'terminating':
      return 2000;
    case 'refused':
      return Math.max(1000, obstacle.refusal.retryAt - now);
  }
}

function podLook(view: PodView): number | undefined {
  switch (view.kind) {
    case 'lost':
      return 10_000;
    // For what Events say of it, and for the moment at which its end is overdue.
    case 'starting':
    case 'terminating':
    case 'unschedulable':
      return 20_000;
    default:
      return undefined;
  }
}

function updateLook({ update }: PodPlan, settings: SessionSettings, now: number): number | undefined {
  switch (update.kind) {
    case 'none':
      return undefined;
    case 'waiting':
      return 5000;
    case 'refused':
      return Math.max(1000, update.refusal.retryAt - now);
    case 'replacing':
      return settings.updateTimeoutMs;
  }
}
