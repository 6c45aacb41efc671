import type { Random } from '../../../sandbox/src/random.ts';

/** One thing that goes wrong, and for how long, in milliseconds, where it lasts. */
export type Disturbance =
  /** The page's process is killed, as the kernel does when memory runs out. */
  | { readonly kind: 'kill-renderer' }
  /** The browser's main process is killed; its children are left to themselves. */
  | { readonly kind: 'kill-browser' }
  /** The session pod's own process is killed, and its browser left behind. */
  | { readonly kind: 'kill-process' }
  /** Both at once, as when a container is killed. */
  | { readonly kind: 'kill-container' }
  /** The page stands still. */
  | { readonly kind: 'freeze-renderer'; readonly ms: number }
  /** The page loads anew. */
  | { readonly kind: 'reload' }
  | { readonly kind: 'drop-socket' }
  | { readonly kind: 'refuse-socket'; readonly ms: number }
  | { readonly kind: 'blackhole-socket'; readonly ms: number }
  | { readonly kind: 'withhold-acks'; readonly ms: number }
  | { readonly kind: 'delay-acks'; readonly ms: number };

export type DisturbanceKind = Disturbance['kind'];

/** A disturbance, and how long after the one before it begins, in milliseconds. */
export interface Planned {
  readonly afterMs: number;
  readonly disturbance: Disturbance;
}

/** How often each kind is drawn, against the others. What kills comes most often. */
const weights: Readonly<Record<DisturbanceKind, number>> = {
  'kill-renderer': 3,
  'kill-browser': 3,
  'kill-process': 3,
  'kill-container': 3,
  'freeze-renderer': 2,
  reload: 1,
  'drop-socket': 3,
  'refuse-socket': 1,
  'blackhole-socket': 2,
  'withhold-acks': 1,
  'delay-acks': 1,
};

/** Every kind, in the order of the table. */
export const disturbanceKinds = Object.keys(weights) as readonly DisturbanceKind[];

/**
 * Endless and repeatable: the same random numbers give the same disturbances. The first round takes every kind
 * once, in an order of its own, so that a short run leaves none out; later ones are drawn by weight.
 *
 * @param pauseMs the pause between two on average, in milliseconds
 */
export function* planDisturbances(random: Random, pauseMs: number): Generator<Planned> {
  const first = [...disturbanceKinds];
  for (;;) {
    const kind =
      first.length > 0
        ? first.splice(Math.floor(random() * first.length), 1)[0]
        : drawKind(random, disturbanceKinds);
    if (kind !== undefined) yield { afterMs: pauseMs * (0.5 + random()), disturbance: detail(kind, random) };
  }
}

function drawKind(random: Random, kinds: readonly DisturbanceKind[]): DisturbanceKind | undefined {
  const total = kinds.reduce((sum, kind) => sum + weights[kind], 0);
  let rest = random() * total;
  return kinds.find((kind) => {
    rest -= weights[kind];
    return rest < 0;
  });
}

function detail(kind: DisturbanceKind, random: Random): Disturbance {
  const between = (low: number, high: number) => Math.round(low + random() * (high - low));
  switch (kind) {
    case 'freeze-renderer':
      return { kind, ms: between(2_000, 15_000) };
    case 'refuse-socket':
      return { kind, ms: between(2_000, 12_000) };
    case 'blackhole-socket':
      return { kind, ms: between(3_000, 30_000) };
    case 'withhold-acks':
    case 'delay-acks':
      return { kind, ms: between(2_000, 8_000) };
    default:
      return { kind };
  }
}
