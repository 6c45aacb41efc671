import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { MessageResource } from '../../../api/src/session/index.ts';
import { findBrowserGroups, listProcesses } from '../../../session-pod/src/engine/process-tree.ts';
import { answersWell } from '../../chaos/session/answers-well.ts';
import { freePorts } from '../../chaos/session/free-ports.ts';
import { Kubelet } from '../../chaos/session/kubelet.ts';
import { ApiClient } from '../../chaos/session/traffic.ts';
import type { ServerProcess } from '../server-process.ts';
import { parseMemory } from '../usage.ts';
import type { BareAnswer, BareCommand, BareOptions } from './bare-client.ts';

/** What both contestants can do. */
export interface Contestant {
  /** Confirmed sends a second: each with an ack of the server. */
  readonly send: (chats: readonly string[], count: number, atOnce: number) => Promise<number>;
  /** PSS of all its processes, in MiB. */
  readonly memoryMiB: () => Promise<number>;
  readonly stop: () => Promise<void>;
}

/** A session pod, with what only it can do. */
export interface Pod extends Contestant {
  readonly client: ApiClient;
  readonly kubelet: Kubelet;
  readonly profile: string;
  readonly isConnected: () => Promise<boolean>;
}

const KEY = 'the-key-of-the-benchmark';
const BARE = fileURLToPath(new URL('bare-client.ts', import.meta.url));

/** The library as its tutorials use it, linked and ready. */
export async function startBare(sandbox: ServerProcess, phone: string, browser: string): Promise<Contestant> {
  const profile = await mkdtemp(join(tmpdir(), 'bench-bare-'));
  const { args } = await sandbox.client.call('browserArgs', {});
  const options: BareOptions = { profile, phone, browser, browserArgs: args };
  const child = fork(BARE, [JSON.stringify(options)]);
  const ready = await answer(child, 'ready');
  return {
    send: async (chats, count, atOnce) => {
      const command: BareCommand = { kind: 'send', chats, count, atOnce };
      child.send(command);
      const { seconds, confirmed } = await answer(child, 'sent');
      if (confirmed !== count) throw new Error(`only ${confirmed} of ${count} sends were confirmed`);
      return count / seconds;
    },
    memoryMiB: () => memoryOf(child.pid ?? 0, [ready.browserGroup]),
    stop: async () => {
      child.disconnect();
      await once(child, 'exit');
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function answer<K extends BareAnswer['kind']>(
  child: ChildProcess,
  kind: K,
): Promise<Extract<BareAnswer, { kind: K }>> {
  const gone = once(child, 'exit').then(() => {
    throw new Error('the bare client ended');
  });
  const [told] = (await Promise.race([once(child, 'message'), gone])) as [BareAnswer];
  if (told.kind !== kind) throw new Error(`the bare client said ${told.kind} instead of ${kind}`);
  return told as Extract<BareAnswer, { kind: K }>;
}

/** A session pod with its defaults, but for the rate limit, linked and ready. */
export async function startPod(sandbox: ServerProcess, phone: string, browser: string): Promise<Pod> {
  const data = await mkdtemp(join(tmpdir(), 'bench-pod-'));
  const [port, healthPort] = await freePorts();
  const healthUrl = `http://127.0.0.1:${healthPort}`;
  const kubelet = new Kubelet(
    {
      DATA_DIR: data,
      PORT: String(port),
      HEALTH_PORT: String(healthPort),
      API_KEY: KEY,
      SANDBOX_URL: sandbox.controlUrl,
      BROWSER_PATH: browser,
      PAIRING_METHOD: 'PairingCode',
      PAIRING_PHONE_NUMBER: phone,
      SENDING_RATE_PER_MINUTE: '60000',
      LOG_LEVEL: 'warn',
    },
    healthUrl,
    join(data, 'log'),
  );
  kubelet.start();
  const isConnected = () => answersWell(`${healthUrl}/readyz`, 1_000);
  await until(isConnected);
  const client = new ApiClient(`http://127.0.0.1:${port}`, KEY);
  const profile = join(data, 'profile');
  return {
    client,
    kubelet,
    profile,
    isConnected,
    send: (chats, count, atOnce) => sendThroughApi(client, chats, count, atOnce),
    memoryMiB: async () => memoryOf(kubelet.pid ?? 0, await findBrowserGroups(profile)),
    stop: async () => {
      await kubelet.stop();
      await rm(data, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + 90_000; !(await holds()); await sleep(50)) {
    if (performance.now() > deadline) throw new Error('the session pod does not become ready');
  }
}

async function sendThroughApi(
  client: ApiClient,
  chats: readonly string[],
  count: number,
  atOnce: number,
): Promise<number> {
  const began = performance.now();
  let next = 0;
  const caller = async () => {
    for (let number = next++; number < count; number = next++) {
      const response = await client.request('/messages?wait=sent&timeout=60s', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          to: chats[number % chats.length],
          content: { type: 'text', text: `bench ${number}` },
        }),
      });
      const { status } = (await response.json()) as MessageResource;
      if (!['sent', 'delivered', 'read'].includes(status)) throw new Error(`a message ended as ${status}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, caller));
  return count / ((performance.now() - began) / 1000);
}

async function memoryOf(node: number, browserGroups: readonly number[]): Promise<number> {
  const browser = (await listProcesses()).filter(({ group }) => browserGroups.includes(group));
  const shares = await Promise.all(
    [node, ...browser.map(({ pid }) => pid)].map(async (pid) => {
      const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => undefined);
      return rollup === undefined ? 0 : parseMemory(rollup).pssMiB;
    }),
  );
  return shares.reduce((sum, share) => sum + share, 0);
}
