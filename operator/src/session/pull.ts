import { Agent, request } from 'undici';
import type { CancelTimer, Clock } from '../kube/clock.ts';
import type { ObjectKey } from '../kube/key.ts';
import type { Logger } from '../kube/logger.ts';
import { canonicalJson } from './canonical.ts';
import { ports } from './names.ts';
import type { Answer } from './observed.ts';
import { type PulledStatus, pulledStatus } from './pulled-status.ts';

/**
 * Asks session pods what they are doing, at their health port and directly.
 *
 * Guarantees: at most `concurrency` questions at a time and one per pod; every question ends within its deadline; a
 * pod that does not answer is asked ever more rarely; an answer is only told when it says something new. What a pod
 * answers is untrusted: it is bounded in size and checked by shape.
 */
export interface PullerOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  /** Default 32. */
  readonly concurrency?: number;
  /** Something new is known of the session with this key. */
  readonly tell: (key: ObjectKey) => void;
  /** Default: HTTP to the health port. */
  readonly ask?: Ask;
}

/** Gets the status of the pod at an address. Throws whatever keeps it from that. */
export type Ask = (ip: string) => Promise<PulledStatus>;

/** What is asked, and how often. */
export interface Followed {
  readonly key: ObjectKey;
  readonly podUID: string;
  readonly ip: string;
  /** A change of it asks at once: readiness tells before any interval would. */
  readonly ready: boolean;
}

/** Between two questions, in milliseconds, before jitter. What changes in a ready pod changes its readiness first. */
const READY_MS = 900_000;
const UNREADY_MS = 3000;
const DISCONNECTED_MS = 10_000;
const LONGEST_SILENT_MS = 60_000;

interface Entry {
  readonly followed: Followed;
  readonly answer: Answer | undefined;
  /** When it began to be asked, as the pod that it is and with the readiness that it has. */
  readonly since: number;
  /** Whether it answered since then, or failed to. */
  readonly heard: boolean;
  readonly failures: number;
  readonly cancel: CancelTimer;
}

export class StatusPuller {
  readonly #options: PullerOptions;
  readonly #ask: Ask;
  readonly #entries = new Map<ObjectKey, Entry>();
  readonly #waiting: ObjectKey[] = [];
  #asking = 0;

  constructor(options: PullerOptions) {
    this.#options = options;
    this.#ask = options.ask ?? askOverHttp;
  }

  /** What this pod said last. */
  answer(key: ObjectKey, podUID: string): Answer | undefined {
    const answer = this.#entries.get(key)?.answer;
    return answer?.podUID === podUID ? answer : undefined;
  }

  /** Since when a first answer is awaited that will explain what this pod has become; undefined when there is one. */
  awaitedSince(key: ObjectKey): number | undefined {
    const entry = this.#entries.get(key);
    return entry === undefined || entry.heard ? undefined : entry.since;
  }

  /** Asks this pod from now on; at once if it is another one or its readiness changed. */
  follow(followed: Followed): void {
    const entry = this.#entries.get(followed.key);
    const same = entry?.followed.podUID === followed.podUID && entry.followed.ip === followed.ip;
    if (same && entry.followed.ready === followed.ready) return;
    entry?.cancel();
    this.#entries.set(followed.key, {
      followed,
      answer: same ? entry.answer : undefined,
      since: this.#options.clock.now(),
      heard: false,
      failures: 0,
      cancel: () => {},
    });
    this.#enqueue(followed.key);
  }

  unfollow(key: ObjectKey): void {
    this.#entries.get(key)?.cancel();
    this.#entries.delete(key);
  }

  stop(): void {
    for (const key of [...this.#entries.keys()]) this.unfollow(key);
  }

  #enqueue(key: ObjectKey): void {
    if (!this.#waiting.includes(key)) this.#waiting.push(key);
    this.#next();
  }

  #next(): void {
    while (this.#asking < (this.#options.concurrency ?? 32)) {
      const key = this.#waiting.shift();
      if (key === undefined) return;
      const entry = this.#entries.get(key);
      if (entry === undefined) continue;
      this.#asking += 1;
      void this.#askOne(entry.followed).finally(() => {
        this.#asking -= 1;
        this.#next();
      });
    }
  }

  async #askOne(followed: Followed): Promise<void> {
    const { podUID, ip, key } = followed;
    let answer: Answer;
    try {
      answer = { kind: 'status', podUID, at: this.#options.clock.now(), status: await this.#ask(ip) };
    } catch (error) {
      const message = error instanceof Error ? error.message.slice(0, 200) : String(error);
      answer = { kind: 'silent', podUID, since: this.#options.clock.now(), error: message };
    }
    const entry = this.#entries.get(key);
    // Another pod by now, or a question that began before readiness changed: its answer is old.
    if (entry === undefined || entry.followed !== followed) {
      if (entry?.followed.podUID === podUID) this.#enqueue(key);
      return;
    }
    this.#take(entry, answer);
  }

  #take(entry: Entry, answer: Answer): void {
    const { key } = entry.followed;
    // A silence is told by how it began: its causes may alternate, and each would be a write of the status.
    const kept = answer.kind === 'silent' && entry.answer?.kind === 'silent' ? entry.answer : answer;
    const failures = answer.kind === 'silent' ? entry.failures + 1 : 0;
    const pause = pauseOf(kept, entry.followed.ready, failures) * (0.8 + 0.4 * this.#options.random());
    const cancel = this.#options.clock.startTimer(pause, () => this.#enqueue(key));
    this.#entries.set(key, { ...entry, answer: kept, heard: true, failures, cancel });
    if (isNews(entry.answer, kept, this.#options.clock.now())) this.#options.tell(key);
  }
}

function pauseOf(answer: Answer, ready: boolean, failures: number): number {
  if (answer.kind === 'silent')
    return Math.min(UNREADY_MS * 2 ** Math.min(failures - 1, 8), LONGEST_SILENT_MS);
  if (ready) return READY_MS;
  return ['Disconnected', 'Failed'].includes(answer.status.state) ? DISCONNECTED_MS : UNREADY_MS;
}

/** A first silence is no news, a long one is, each time that somebody asks. */
function isNews(before: Answer | undefined, after: Answer, now: number): boolean {
  if (after.kind === 'silent') return now - after.since > 30_000;
  return before?.kind !== 'status' || canonicalJson(before.status) !== canonicalJson(after.status);
}

const TIMEOUT_MS = 3000;
const LARGEST_ANSWER = 64 * 1024;

/** One connection per pod, closed soon: thousands of pods are asked, each rarely. */
const agent = new Agent({
  connections: 1,
  keepAliveTimeout: 1000,
  connect: { timeout: TIMEOUT_MS },
  headersTimeout: TIMEOUT_MS,
  bodyTimeout: TIMEOUT_MS,
  maxResponseSize: LARGEST_ANSWER,
});

async function askOverHttp(ip: string): Promise<PulledStatus> {
  const host = ip.includes(':') ? `[${ip}]` : ip;
  const { statusCode, body } = await request(`http://${host}:${ports.health}/status`, {
    dispatcher: agent,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`/status answers ${statusCode}`);
  return pulledStatus.parse(JSON.parse(text));
}
