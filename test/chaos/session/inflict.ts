import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SandboxClient } from '../../../sandbox/src/client.ts';
import { findBrowserGroups, listProcesses } from '../../../session-pod/src/engine/process-tree.ts';
import type { Kubelet } from './kubelet.ts';
import type { Disturbance } from './schedule.ts';

/** What disturbances work on. */
export interface Victim {
  readonly kubelet: Kubelet;
  /** The browser's profile, by which its processes are found. */
  readonly profile: string;
  readonly sandbox: SandboxClient;
  readonly account: string;
}

/** Does it, waits as long as it lasts, and ends it. Gives whether there was anything to do it to. */
export async function inflict(disturbance: Disturbance, victim: Victim): Promise<boolean> {
  switch (disturbance.kind) {
    case 'kill-renderer':
      return signalAll(await renderers(victim.profile), 'SIGKILL');
    case 'kill-browser':
      return signalAll(await findBrowserGroups(victim.profile), 'SIGKILL');
    case 'kill-process':
      return signalAll(podProcess(victim), 'SIGKILL');
    case 'kill-container':
      return signalAll([...podProcess(victim), ...(await browserProcesses(victim.profile))], 'SIGKILL');
    case 'freeze-renderer': {
      const frozen = await renderers(victim.profile);
      signalAll(frozen, 'SIGSTOP');
      await sleep(disturbance.ms);
      signalAll(frozen, 'SIGCONT');
      return frozen.length > 0;
    }
    case 'reload':
    case 'drop-socket':
      await victim.sandbox.call('addFault', {
        body: { account: victim.account, fault: { kind: disturbance.kind } },
      });
      return true;
    case 'refuse-socket':
    case 'blackhole-socket':
      return standing(victim, { kind: disturbance.kind }, disturbance.ms);
    case 'withhold-acks':
      return standing(victim, { kind: 'withhold-acks', acks: [1, 2, 3] }, disturbance.ms);
    case 'delay-acks':
      return standing(victim, { kind: 'delay-acks', ms: 3_000 }, disturbance.ms);
  }
}

type StandingFault =
  | { readonly kind: 'refuse-socket' | 'blackhole-socket' }
  | { readonly kind: 'withhold-acks'; readonly acks: (1 | 2 | 3)[] }
  | { readonly kind: 'delay-acks'; readonly ms: number };

async function standing(victim: Victim, fault: StandingFault, ms: number): Promise<boolean> {
  const { sandbox, account } = victim;
  const begun = await sandbox.call('addFault', { body: { account, fault } });
  await sleep(ms);
  if (begun !== null) await sandbox.call('clearFault', { params: { id: begun.id } });
  return true;
}

const podProcess = ({ kubelet }: Victim): readonly number[] =>
  kubelet.pid === undefined ? [] : [kubelet.pid];

/** Every process of the browsers on this profile. */
async function browserProcesses(profile: string): Promise<readonly number[]> {
  const groups = await findBrowserGroups(profile);
  return (await listProcesses()).filter(({ group }) => groups.includes(group)).map(({ pid }) => pid);
}

async function renderers(profile: string): Promise<readonly number[]> {
  const found = await Promise.all(
    (await browserProcesses(profile)).map(async (pid) => {
      const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return line.includes('--type=renderer') ? [pid] : [];
    }),
  );
  return found.flat();
}

/** True when at least one of them was there to take it. */
function signalAll(pids: readonly number[], signal: NodeJS.Signals): boolean {
  const taken = pids.filter((pid) => {
    try {
      process.kill(pid, signal);
      return true;
    } catch {
      return false;
    }
  });
  return taken.length > 0;
}
