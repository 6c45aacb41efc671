import { setTimeout as sleep } from 'node:timers/promises';
import { inflict, type Victim } from './inflict.ts';
import type { Disturbance, Planned } from './schedule.ts';

/** One disturbance as it happened. */
export interface Inflicted {
  /** Since the begin of the traffic. */
  readonly atMs: number;
  readonly disturbance: Disturbance;
  /** False when there was nothing to do it to, such as a browser between two lives. */
  readonly struck: boolean;
  /** From its end until the session was Connected (again); undefined when the next one came before. */
  readonly connectedAfterMs: number | undefined;
}

export interface Disturbing {
  readonly planned: Iterable<Planned>;
  readonly victim: Victim;
  /** Whether the session pod says that it is ready. */
  readonly isConnected: () => Promise<boolean>;
  /** Aborted when it is time to stop. */
  readonly over: AbortSignal;
  readonly say: (line: string) => void;
}

/** Plays the plan, one after the other, until it is over. */
export async function disturb({
  planned,
  victim,
  isConnected,
  over,
  say,
}: Disturbing): Promise<readonly Inflicted[]> {
  const began = performance.now();
  const done: Inflicted[] = [];
  for (const { afterMs, disturbance } of planned) {
    const connectedAfterMs = await watch(afterMs, isConnected, over);
    const previous = done.pop();
    if (previous !== undefined) done.push({ ...previous, connectedAfterMs });
    if (over.aborted) break;
    const atMs = performance.now() - began;
    const struck = await inflict(disturbance, victim);
    done.push({ atMs, disturbance, struck, connectedAfterMs: undefined });
    say(describe(disturbance, struck));
  }
  return done;
}

/** Lets that much time pass. Gives after how much of it the session was Connected, if it was. */
async function watch(
  ms: number,
  isConnected: () => Promise<boolean>,
  over: AbortSignal,
): Promise<number | undefined> {
  const began = performance.now();
  let connectedAfterMs: number | undefined;
  while (performance.now() - began < ms && !over.aborted) {
    // What was killed a moment ago may not have noticed yet, and would still call itself ready.
    if (connectedAfterMs === undefined && performance.now() - began > 300 && (await isConnected())) {
      connectedAfterMs = performance.now() - began;
    }
    await sleep(50);
  }
  return connectedAfterMs;
}

const describe = (disturbance: Disturbance, struck: boolean): string =>
  `${disturbance.kind}${'ms' in disturbance ? ` for ${disturbance.ms} ms` : ''}${struck ? '' : ' (nothing there)'}`;
