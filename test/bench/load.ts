import { setTimeout as sleep } from 'node:timers/promises';
import { Device } from './device.ts';
import type { ServerProcess } from './server-process.ts';
import { median } from './usage.ts';

/** How the load is made. */
export interface LoadPlan {
  readonly accounts: readonly string[];
  /** Messages that wait for their ack 1 at any time, over all accounts. */
  readonly inFlight: number;
  readonly seconds: number;
  readonly keepaliveMs: number;
}

/** What one run carried. */
export interface LoadResult {
  readonly messages: number;
  readonly perSecond: number;
  /** From sending to ack 1, which comes 10 ms after acceptance at the earliest. */
  readonly ackMs: { readonly median: number; readonly p99: number };
  /** The server's processor time per message, all three acks included. */
  readonly cpuMsPerMessage: number;
  readonly rssMiB: number;
  readonly pssMiB: number;
}

const FRIEND = '4915700000000@c.us';
let runs = 0;

/** Keeps `inFlight` messages under way for some seconds, waits until all of them are read, and counts. */
export async function measureLoad(server: ServerProcess, plan: LoadPlan): Promise<LoadResult> {
  const run = ++runs;
  const sentAt = new Map<string, number>();
  const ackMs: number[] = [];
  let read = 0;
  let count = 0;
  let sending = false;

  const sendNext = (device: Device): void => {
    const id =
      `3EB0${run.toString(16).padStart(4, '0')}${(count++).toString(16).padStart(12, '0')}`.toUpperCase();
    sentAt.set(id, performance.now());
    device.send(id, FRIEND, 'as long as messages between people usually are');
  };
  const devices = new Map<string, Device>();
  for (const account of plan.accounts) {
    const onAck = (id: string, ack: number) => {
      if (ack === 3) read++;
      const at = sentAt.get(id);
      const device = devices.get(account);
      if (ack !== 1 || at === undefined || device === undefined) return;
      sentAt.delete(id);
      ackMs.push(performance.now() - at);
      if (sending) sendNext(device);
    };
    devices.set(account, await Device.link(server.webPort, account, plan.keepaliveMs, { onAck }));
  }

  const before = await server.usage();
  const began = performance.now();
  sending = true;
  for (let index = 0; index < plan.inFlight; index++) {
    const device = devices.get(plan.accounts[index % plan.accounts.length] ?? '');
    if (device !== undefined) sendNext(device);
  }
  await sleep(plan.seconds * 1000);
  sending = false;
  const messages = ackMs.length;
  const seconds = (performance.now() - began) / 1000;
  await until('every message is read', () => read === count);
  const after = await server.usage();
  for (const device of devices.values()) await device.close();

  const sorted = ackMs.toSorted((one, other) => one - other);
  return {
    messages,
    perSecond: messages / seconds,
    ackMs: { median: median(sorted), p99: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN },
    cpuMsPerMessage: ((after.cpuSeconds - before.cpuSeconds) * 1000) / count,
    rssMiB: after.rssMiB,
    pssMiB: after.pssMiB,
  };
}

async function until(what: string, is: () => boolean): Promise<void> {
  for (const deadline = performance.now() + 60_000; !is(); await sleep(20)) {
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`);
  }
}
