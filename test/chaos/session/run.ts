import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../../sandbox/src/random.ts';
import { type ServerProcess, startServer } from '../../bench/server-process.ts';
import { answersWell } from './answers-well.ts';
import { disturb, type Inflicted } from './disturb.ts';
import { freePorts } from './free-ports.ts';
import type { Victim } from './inflict.ts';
import { Kubelet, type RestartCause } from './kubelet.ts';
import { planDisturbances } from './schedule.ts';
import { ApiClient, sendAll, type Traffic } from './traffic.ts';
import { judge, type Verdict } from './verdict.ts';

/** What a run is to be like. Durations in milliseconds. */
export interface Plan {
  readonly seed: string;
  readonly messages: number;
  readonly chats: number;
  readonly perSecond: number;
  /** The pause between two disturbances, on average. */
  readonly pauseMs: number;
  /**
   * `trusting`: the server drops a repeated id and the page offers again what it kept, as the real ones are believed
   * to; nothing proven is sent again. `distrusting`: neither does, and what cannot be proven is held as unknown.
   */
  readonly service: 'trusting' | 'distrusting';
  /** How long everything may take to settle once the disturbances are over. */
  readonly settleMs: number;
  /** The browser's program. */
  readonly browser: string;
}

export interface RunReport {
  readonly plan: Plan;
  readonly traffic: Traffic;
  readonly inflicted: readonly Inflicted[];
  readonly verdict: Verdict;
  readonly restarts: Readonly<Record<RestartCause, number>>;
  /** How often the phone had to link again. Any is a breach. */
  readonly scans: number;
  /** What the pod's process ended with on SIGTERM, at the end. */
  readonly exit: number | NodeJS.Signals;
  readonly seconds: number;
  readonly logFile: string;
}

const ACCOUNT = '491510000001';
const API_KEY = 'the-key-of-the-chaos-run';
/** Long enough that nothing runs out of time in a run, unless it is about that. */
const EXPIRES = { trusting: '24h', distrusting: '2m' } as const;

/**
 * Runs a session pod on a sandbox, both as processes of their own, has messages sent through its API while
 * the disturbances of the seed strike, waits until all is quiet, and holds the pod's word against the ledger.
 *
 * @param say told what happens, line by line
 */
export async function run(plan: Plan, say: (line: string) => void): Promise<RunReport> {
  const began = performance.now();
  const folder = await mkdtemp(join(tmpdir(), 'session-chaos-'));
  const sandbox = await startServer(1);
  const [port, healthPort] = await freePorts();
  const healthUrl = `http://127.0.0.1:${healthPort}`;
  const data = join(folder, 'data');
  const logFile = join(tmpdir(), `session-chaos-${plan.service}-${plan.seed}.log`);
  await rm(logFile, { force: true });
  const kubelet = new Kubelet(
    {
      DATA_DIR: data,
      PORT: String(port),
      HEALTH_PORT: String(healthPort),
      API_KEY,
      SANDBOX_URL: sandbox.controlUrl,
      BROWSER_PATH: plan.browser,
      PAIRING_METHOD: 'PairingCode',
      PAIRING_PHONE_NUMBER: ACCOUNT,
      SENDING_RATE_PER_MINUTE: '6000',
      SENDING_ACK_TIMEOUT: '10s',
      SENDING_EXPIRES_AFTER: EXPIRES[plan.service],
      SENDING_UNPROVEN: plan.service === 'trusting' ? 'resend' : 'hold',
    },
    healthUrl,
    logFile,
  );
  const client = new ApiClient(`http://127.0.0.1:${port}`, API_KEY);
  try {
    await prepareService(sandbox, plan);
    kubelet.start();
    await until('the session is connected', 90_000, () => isConnected(healthUrl));
    say('connected: traffic and disturbances begin');
    const victim: Victim = {
      kubelet,
      profile: join(data, 'profile'),
      sandbox: sandbox.client,
      account: ACCOUNT,
    };
    const { traffic, inflicted } = await disturbedTraffic(plan, client, victim, healthUrl, say);
    await sandbox.client.call('clearFaults', { query: {} });
    await prepareService(sandbox, plan);
    say(`${traffic.accepted.length} messages accepted, ${inflicted.length} disturbances; waiting for quiet`);
    await settled(client, plan.settleMs);
    const ledger = await sandbox.client.call('ledger', { query: { account: ACCOUNT } });
    const verdict = judge(traffic.accepted, await client.messages(), ledger);
    const account = await sandbox.client.call('getAccount', { params: { number: ACCOUNT } });
    const exit = await kubelet.stop();
    return {
      plan,
      traffic,
      inflicted,
      verdict,
      restarts: kubelet.restarts,
      scans: account.devices.length - 1,
      exit,
      seconds: (performance.now() - began) / 1000,
      logFile,
    };
  } finally {
    await kubelet.stop();
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function prepareService(sandbox: ServerProcess, { service }: Plan): Promise<void> {
  if (service === 'trusting') return;
  for (const kind of ['no-deduplication', 'no-resend'] as const) {
    await sandbox.client.call('addFault', { body: { account: null, fault: { kind } } });
  }
}

async function disturbedTraffic(
  plan: Plan,
  client: ApiClient,
  victim: Victim,
  healthUrl: string,
  say: (line: string) => void,
): Promise<{ readonly traffic: Traffic; readonly inflicted: readonly Inflicted[] }> {
  const over = new AbortController();
  const disturbing = disturb({
    planned: planDisturbances(seededRandom(plan.seed), plan.pauseMs),
    victim,
    isConnected: () => isConnected(healthUrl),
    over: over.signal,
    say,
  });
  const chats = Array.from({ length: plan.chats }, (_, index) => `${4_915_700_000_000 + index}@c.us`);
  const load = { chats, messages: plan.messages, perSecond: plan.perSecond, run: `s${plan.seed}` };
  const traffic = await sendAll(client, load, seededRandom(`${plan.seed}/traffic`));
  over.abort();
  return { traffic, inflicted: await disturbing };
}

const isConnected = (healthUrl: string): Promise<boolean> => answersWell(`${healthUrl}/readyz`, 2_000);

/** Until nothing is queued or sending, or the time is over: what is left then is for the verdict to name. */
async function settled(client: ApiClient, withinMs: number): Promise<void> {
  const open = async () => {
    const known = await client.messages().catch(() => undefined);
    return known === undefined || known.some(({ status }) => status === 'queued' || status === 'sending');
  };
  for (const deadline = performance.now() + withinMs; performance.now() < deadline && (await open()); ) {
    await sleep(1_000);
  }
}

async function until(what: string, withinMs: number, ask: () => Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + withinMs; !(await ask()); await sleep(200)) {
    if (performance.now() > deadline) throw new Error(`waited ${withinMs / 1000} s in vain until ${what}`);
  }
}
