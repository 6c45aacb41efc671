/**
 * The probe's state: what it answers on `/healthz` depends on nothing else.
 *
 * - `healthy`: it serves.
 * - `unhealthy`: it serves, and says on `/healthz` that it should be restarted. Only a restart ends this.
 * - `stopping`: it is about to exit with `code`.
 */
export type State =
  | { readonly kind: 'healthy' }
  | { readonly kind: 'unhealthy' }
  | { readonly kind: 'stopping'; readonly code: number };

/** What can happen to it. */
export type Happening =
  | { readonly kind: 'made-unhealthy' }
  | { readonly kind: 'told-to-stop'; readonly code: number };

/** The state after a happening; the same object when nothing changes. The first reason to stop is the one that counts. */
export function next(state: State, happening: Happening): State {
  if (state.kind === 'stopping') return state;
  switch (happening.kind) {
    case 'made-unhealthy':
      return state.kind === 'unhealthy' ? state : { kind: 'unhealthy' };
    case 'told-to-stop':
      return { kind: 'stopping', code: happening.code };
    default:
      return happening satisfies never;
  }
}
