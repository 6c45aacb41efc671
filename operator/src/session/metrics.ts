import { type RestartReason, type SessionStatus, sessionPhase } from '@whatsapp-operator/api/resource';
import { Counter, Gauge, type Registry } from 'prom-client';

/** The operator's metrics about sessions. */
export interface SessionMetrics {
  restarted(restarts: { readonly count: number; readonly reason: RestartReason }): void;
}

/** Gauges are counted from the cache when somebody asks: they cannot drift from it. */
export function createSessionMetrics(
  registry: Registry,
  sessions: () => readonly { readonly status?: SessionStatus }[],
): SessionMetrics {
  new Gauge({
    name: 'whatsapp_operator_sessions',
    help: 'Sessions by phase.',
    labelNames: ['phase'],
    registers: [registry],
    collect() {
      const counts = new Map<string, number>(sessionPhase.options.map((phase) => [phase, 0]));
      for (const { status } of sessions()) {
        const phase = status?.phase ?? 'Pending';
        counts.set(phase, (counts.get(phase) ?? 0) + 1);
      }
      for (const [phase, count] of counts) this.set({ phase }, count);
    },
  });
  const restarts = new Counter({
    name: 'whatsapp_operator_session_restarts_total',
    help: 'Restarts of session containers that count against the restart budget, by reason.',
    labelNames: ['reason'],
    registers: [registry],
  });
  return { restarted: ({ count, reason }) => restarts.inc({ reason }, count) };
}
