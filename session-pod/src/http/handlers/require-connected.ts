import type { Engine } from '../../engine/engine.ts';
import { ProblemError } from '../problem-error.ts';

/**
 * Questions to the page need a page.
 *
 * @throws ProblemError `not_connected`, which says what the session is doing instead
 */
export function requireConnected({ snapshot: { state } }: Engine): void {
  if (state === 'Connected') return;
  throw new ProblemError('not_connected', `the session is ${state}, and this needs it Connected`);
}
