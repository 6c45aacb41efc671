import type { SessionPhase, WhatsAppSession } from '@whatsapp-operator/api/resource';
import type { SessionState } from '@whatsapp-operator/api/session';
import type { Answer } from './observed.ts';
import type { PodView } from './pod-view.ts';

/** What WhatsApp Web in a running pod is doing, from whatever is the best source just now. */
export type SessionView =
  /** No running pod to ask. */
  | { readonly kind: 'none' }
  /** The pod runs and was not heard from yet. */
  | { readonly kind: 'unheard' }
  /** It does not answer for a while. */
  | { readonly kind: 'unreachable'; readonly error: string }
  | {
      readonly kind: 'state';
      readonly state: SessionState;
      readonly reason: string;
      readonly detail: string;
    };

/** A shorter silence is not told: a busy moment, a dropped packet. */
const SILENCE_MS = 30_000;

/**
 * Readiness is the page's own proof of a connection and comes by watch, so it wins over an answer of some seconds ago.
 * After a start of the operator, before anything was asked, what the status says of this same pod stands.
 */
export function viewSession(
  session: WhatsAppSession,
  view: PodView,
  podUID: string | undefined,
  answer: Answer | undefined,
  now: number,
): SessionView {
  if (view.kind !== 'running') return { kind: 'none' };
  if (view.ready) return { kind: 'state', state: 'Connected', reason: 'progress', detail: '' };
  if (answer?.kind === 'status') {
    const { state, reason, detail } = answer.status;
    return { kind: 'state', state, reason, detail };
  }
  if (answer?.kind === 'silent' && now - answer.since > SILENCE_MS)
    return { kind: 'unreachable', error: answer.error };
  const told = session.status?.podUID === podUID ? stateOfPhase(session.status?.phase) : undefined;
  return told === undefined ? { kind: 'unheard' } : { kind: 'state', state: told, reason: '', detail: '' };
}

/** The state that a phase was told for; undefined for phases that say nothing about a running pod. */
function stateOfPhase(phase: SessionPhase | undefined): SessionState | undefined {
  switch (phase) {
    case 'Pairing':
    case 'Disconnected':
    case 'LoggedOut':
    case 'Starting':
      return phase;
    case 'Connected':
      return 'Disconnected';
    default:
      return undefined;
  }
}
