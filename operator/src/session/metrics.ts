import {
  type RestartReason,
  restartReason,
  type SessionStatus,
  sessionPhase,
} from '@whatsapp-operator/api/resource';
import { Counter, Gauge, type Registry } from 'prom-client';

/** The operator's metrics about sessions. */
export interface SessionMetrics {
  restarted(restarts: { readonly count: number; readonly reason: RestartReason }): void;
}

/** A session as far as it is measured. */
export interface MeasuredSession {
  readonly metadata: { readonly namespace?: string; readonly name: string };
  readonly status?: SessionStatus | undefined;
}

/** What the operator was told at its start and shows as it is. */
export interface Facts {
  /** Of the operator, as in its image's tag; empty when nobody said. */
  readonly version: string;
  /** Replacements that may be under way at once. */
  readonly maxUpdating: number;
}

/** Where the replacement of a session's pod stands; `waiting` is for its turn. */
const updateStates = ['waiting', 'replacing', 'refused'] as const;

/**
 * Gauges are counted from the cache when somebody asks: they cannot drift from it. Every replica has the cache and
 * shows them, so that readers take the maximum.
 */
export function createSessionMetrics(
  registry: Registry,
  sessions: () => readonly MeasuredSession[],
  { version, maxUpdating }: Facts,
): SessionMetrics {
  const registers = [registry];
  new Gauge({
    name: 'whatsapp_operator_sessions',
    help: 'Sessions by phase.',
    labelNames: ['phase'],
    registers,
    collect() {
      const counts = new Map<string, number>(sessionPhase.options.map((phase) => [phase, 0]));
      for (const session of sessions()) counts.set(phaseOf(session), (counts.get(phaseOf(session)) ?? 0) + 1);
      for (const [phase, count] of counts) this.set({ phase }, count);
    },
  });
  new Gauge({
    name: 'whatsapp_operator_session_status',
    help: 'Always 1, one series for each session; its labels are the phase and the reason of the condition Ready.',
    labelNames: ['session_namespace', 'session', 'phase', 'reason'],
    registers,
    collect() {
      this.reset();
      for (const session of sessions()) {
        const { namespace: session_namespace = '', name } = session.metadata;
        const reason = conditionOf(session, 'Ready')?.reason ?? 'NotSeen';
        this.set({ session_namespace, session: name, phase: phaseOf(session), reason }, 1);
      }
    },
  });
  new Gauge({
    name: 'whatsapp_operator_session_updates',
    help: 'Sessions whose pod is to be replaced, by where that stands: waiting for its turn, replacing, or refused by the API server.',
    labelNames: ['state'],
    registers,
    collect() {
      const counts = new Map<string, number>(updateStates.map((state) => [state, 0]));
      for (const session of sessions()) {
        const state = updateState(session);
        if (state !== undefined) counts.set(state, (counts.get(state) ?? 0) + 1);
      }
      for (const [state, count] of counts) this.set({ state }, count);
    },
  });
  new Gauge({
    name: 'whatsapp_operator_session_updates_limit',
    help: 'Sessions that may be on their way back from a replacement of their pod at once.',
    registers,
  }).set(maxUpdating);
  new Gauge({
    name: 'whatsapp_operator_build_info',
    help: 'Always 1; its label is the version of the operator.',
    labelNames: ['version'],
    registers,
  }).set({ version }, 1);
  const restarts = new Counter({
    name: 'whatsapp_operator_session_restarts_total',
    help: 'Restarts of session containers that count against the restart budget, by reason.',
    labelNames: ['reason'],
    registers,
  });
  // A counter that is there before it counts: increase() sees the first one too.
  for (const reason of restartReason.options) restarts.inc({ reason }, 0);
  return { restarted: ({ count, reason }) => restarts.inc({ reason }, count) };
}

const phaseOf = ({ status }: MeasuredSession): string => status?.phase ?? 'Pending';

const conditionOf = ({ status }: MeasuredSession, type: string) =>
  status?.conditions?.find((condition) => condition.type === type);

function updateState(session: MeasuredSession): (typeof updateStates)[number] | undefined {
  const condition = conditionOf(session, 'Updating');
  if (condition === undefined) return undefined;
  if (condition.status === 'True') return 'replacing';
  return condition.reason === 'SuccessorRefused' ? 'refused' : 'waiting';
}
