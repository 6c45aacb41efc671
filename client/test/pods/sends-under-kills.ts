import type { SandboxClient } from '@whatsapp-operator/sandbox';
import { WhatsAppClient } from '../../src/index.ts';
import { KEY, type RestartingPod } from './restarting-pod.ts';

/** Sends one message after the other, and kills the pod's process at a random moment of each. */

export interface KillPlan {
  readonly count: number;
  /** The same seed draws the same moments. */
  readonly seed: number;
  /** The latest moment of a kill after the send began. Milliseconds. */
  readonly withinMs: number;
  readonly onSend?: (sent: number, ms: number, retries: number) => void;
}

/** What became of the messages, by what the recipient got. */
export interface KillLedger {
  readonly sent: number;
  readonly kills: number;
  /** Repetitions that the client made. */
  readonly retries: number;
  /** Texts that arrived never. */
  readonly lost: readonly string[];
  /** Texts that arrived more than once. */
  readonly doubled: readonly string[];
  /** Texts that nobody sent. */
  readonly invented: readonly string[];
  /** Sends that threw, with what they threw. */
  readonly threw: readonly string[];
}

export async function sendUnderKills(
  pod: RestartingPod,
  sandbox: SandboxClient,
  { count, seed, withinMs, onSend }: KillPlan,
): Promise<KillLedger> {
  let retries = 0;
  const client = new WhatsAppClient({
    url: pod.url,
    apiKey: KEY,
    retry: { attemptTimeoutMs: 10_000, capMs: 2_000 },
    onRetry: () => {
      retries += 1;
    },
  });
  const random = generator(seed);
  const texts: string[] = [];
  const threw: string[] = [];
  const killsBefore = pod.kills;
  for (let index = 1; index <= count; index++) {
    const text = `message ${index} of seed ${seed}`;
    texts.push(text);
    const began = Date.now();
    const timer = setTimeout(() => pod.kill(), random() * withinMs);
    try {
      await client.send('4915700000000', text, { wait: 'sent', timeoutMs: 180_000 });
    } catch (error) {
      threw.push(`${text}: ${error}`);
    }
    // A kill that comes after the answer is a kill all the same: the next send meets the pod as it starts.
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, withinMs - (Date.now() - began))));
    clearTimeout(timer);
    onSend?.(index, Date.now() - began, retries);
  }
  const delivered = await settled(sandbox, texts);
  const times = (text: string) => delivered.filter((one) => one === text).length;
  return {
    sent: texts.length,
    kills: pod.kills - killsBefore,
    retries,
    lost: texts.filter((text) => times(text) === 0),
    doubled: texts.filter((text) => times(text) > 1),
    invented: delivered.filter((text) => text.includes(`of seed ${seed}`) && !texts.includes(text)),
    threw,
  };
}

/** How long the last deliveries may take, and how long to look for doubles after that. Milliseconds. */
const DELIVERY_MS = 30_000;
const DOUBLES_MS = 2_000;

async function settled(sandbox: SandboxClient, texts: readonly string[]): Promise<readonly string[]> {
  const deadline = Date.now() + DELIVERY_MS;
  while (Date.now() < deadline) {
    const now = await deliveredTexts(sandbox);
    if (texts.every((text) => now.includes(text))) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  await new Promise((resolve) => setTimeout(resolve, DOUBLES_MS));
  return await deliveredTexts(sandbox);
}

async function deliveredTexts(sandbox: SandboxClient): Promise<readonly string[]> {
  const accepted = await sandbox.call('ledger', { query: {} });
  const bodies = new Map<string, string>();
  for (const { id, kind, detail } of accepted)
    if (kind === 'submitted' && detail !== null) bodies.set(id, detail);
  return accepted
    .filter(({ kind }) => kind === 'delivered')
    .map(({ id, detail }) => detail ?? bodies.get(id) ?? `body of ${id} unknown`);
}

/** Mulberry32: small, and good enough to spread kills. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
