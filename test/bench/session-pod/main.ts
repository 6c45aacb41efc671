import { access, readFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { inflict } from '../../chaos/session/inflict.ts';
import type { DisturbanceKind } from '../../chaos/session/schedule.ts';
import { ensureChromium } from '../../machine/chromium.ts';
import { installPackages } from '../../machine/debian.ts';
import { type ServerProcess, startServer } from '../server-process.ts';
import { busyPercent, median, parseMachineTime, table } from '../usage.ts';
import { type Contestant, type Pod, startBare, startPod } from './contestants.ts';

/**
 * Measures the session pod beside the bare library, on one sandbox in one run, and prints Markdown:
 * `npm run bench -w session-pod`. On a machine with two cores nothing else should run.
 */

const FIRST = 491_510_000_001;
const ROUNDS = 3;
const SENDS = 300;
const CHATS = Array.from({ length: 20 }, (_, index) => `${4_915_700_000_000 + index}@c.us`);
const IDLE_SESSIONS = 4;
const ACCEPTS_PER_SECOND = 50;
const ACCEPT_SECONDS = 20;
const KILLS = 7;

const phone = (index: number) => String(FIRST + index);
const note = (line: string) => console.error(line);
const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

/** Runs every contestant in turn, round by round, so that what disturbs the machine disturbs both. */
async function benchSends(bare: Contestant, pod: Contestant): Promise<string> {
  const rows: string[][] = [];
  for (const atOnce of [1, 16]) {
    const rates: { readonly bare: number[]; readonly pod: number[] } = { bare: [], pod: [] };
    for (let round = 0; round <= ROUNDS; round++) {
      const measured = {
        bare: await bare.send(CHATS, SENDS, atOnce),
        pod: await pod.send(CHATS, SENDS, atOnce),
      };
      note(`sends, ${atOnce} at once: bare ${measured.bare.toFixed(0)}/s, pod ${measured.pod.toFixed(0)}/s`);
      // The first round warms up.
      if (round === 0) continue;
      rates.bare.push(measured.bare);
      rates.pod.push(measured.pod);
    }
    const range = (all: readonly number[]) =>
      `${median(all).toFixed(0)} (${Math.min(...all).toFixed(0)}–${Math.max(...all).toFixed(0)})`;
    rows.push([
      String(atOnce),
      range(rates.bare),
      range(rates.pod),
      (median(rates.pod) / median(rates.bare)).toFixed(2),
    ]);
  }
  return table(['sends at once', 'bare library, confirmed/s', 'session pod, confirmed/s', 'ratio'], rows);
}

/** Calls at a fixed rate, whether or not the ones before were answered. */
async function benchAccept(pod: Pod): Promise<string> {
  const times: number[] = [];
  const calls: Promise<void>[] = [];
  const began = performance.now();
  for (let number = 0; number < ACCEPTS_PER_SECOND * ACCEPT_SECONDS; number++) {
    await sleep(Math.max(0, began + (number * 1000) / ACCEPTS_PER_SECOND - performance.now()));
    calls.push(accept(pod, number, times));
  }
  await Promise.all(calls);
  const sorted = times.toSorted((one, other) => one - other);
  return table(
    ['calls/s', 'p50 ms', 'p99 ms', 'longest ms'],
    [
      [
        String(ACCEPTS_PER_SECOND),
        quantile(sorted, 0.5).toFixed(1),
        quantile(sorted, 0.99).toFixed(1),
        quantile(sorted, 1).toFixed(1),
      ],
    ],
  );
}

async function accept(pod: Pod, number: number, times: number[]): Promise<void> {
  const began = performance.now();
  const response = await pod.client.request('/messages', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': `accept-${number}` },
    body: JSON.stringify({
      to: CHATS[number % CHATS.length],
      content: { type: 'text', text: `accept ${number}` },
    }),
  });
  await response.text();
  if (response.status !== 202) throw new Error(`the API answers ${response.status}`);
  times.push(performance.now() - began);
}

async function benchMemory(start: (index: number) => Promise<Contestant>): Promise<number> {
  const all: Contestant[] = [];
  try {
    for (let index = 0; index < IDLE_SESSIONS; index++) all.push(await start(index));
    await sleep(15_000);
    const shares = await Promise.all(all.map((one) => one.memoryMiB()));
    return shares.reduce((sum, share) => sum + share, 0) / all.length;
  } finally {
    for (const one of all) await one.stop();
  }
}

/** From the kill until the pod calls itself Connected again. */
async function benchRecovery(pod: Pod, sandbox: ServerProcess): Promise<string> {
  const victim = { kubelet: pod.kubelet, profile: pod.profile, sandbox: sandbox.client, account: phone(0) };
  const kinds: readonly DisturbanceKind[] = ['kill-renderer', 'kill-browser', 'kill-process'];
  const rows: string[][] = [];
  for (const kind of kinds) {
    const times: number[] = [];
    for (let number = 0; number < KILLS; number++) {
      await sleep(3_000);
      times.push(await timeOne(pod, () => inflict({ kind } as { readonly kind: 'kill-browser' }, victim)));
      note(`${kind}: Connected after ${(times.at(-1) ?? 0).toFixed(1)} s`);
    }
    const sorted = times.toSorted((one, other) => one - other);
    rows.push([kind, quantile(sorted, 0.5).toFixed(1), quantile(sorted, 1).toFixed(1)]);
  }
  return table(['killed', 'p50 s', 'longest s'], rows);
}

async function timeOne(pod: Pod, strike: () => Promise<boolean>): Promise<number> {
  const began = performance.now();
  if (!(await strike())) throw new Error('there was nothing to kill');
  while (await pod.isConnected()) await sleep(5);
  const noticed = performance.now() - began;
  if (noticed > 10_000) throw new Error('the kill was not noticed');
  while (!(await pod.isConnected())) {
    if (performance.now() - began > 120_000) throw new Error('the session does not come back');
    await sleep(20);
  }
  return (performance.now() - began) / 1000;
}

async function main(): Promise<void> {
  const lean = await ensureChromium(note);
  const full = '/usr/bin/chromium';
  await access(full).catch(() => installPackages(['chromium']));
  const before = parseMachineTime(await readFile('/proc/stat', 'utf8'));
  const sandbox = await startServer(2 * IDLE_SESSIONS + 2);
  try {
    await sandbox.client.call('setTiming', { body: { serverMs: 5 } });
    const bare = await startBare(sandbox, phone(1), full);
    const pod = await startPod(sandbox, phone(0), lean);
    const sends = await benchSends(bare, pod);
    await bare.stop();
    const accepts = await benchAccept(pod);
    const recovery = await benchRecovery(pod, sandbox);
    await pod.stop();
    const memory = {
      bare: await benchMemory((index) => startBare(sandbox, phone(2 + index), full)),
      pod: await benchMemory((index) => startPod(sandbox, phone(2 + IDLE_SESSIONS + index), lean)),
    };
    const after = parseMachineTime(await readFile('/proc/stat', 'utf8'));
    console.log(
      [
        `${cpus().length} cores (${cpus()[0]?.model}), ${(totalmem() / 1024 ** 3).toFixed(0)} GiB, Node ${process.version}; ` +
          `the machine was ${busyPercent(before, after).toFixed(0)} % busy, this benchmark included.`,
        `### Confirmed sends\n\n${sends}`,
        `### Accepting\n\n${accepts}`,
        `### Recovery\n\n${recovery}`,
        `### Memory\n\n${table(
          ['sessions', 'bare library, full Chromium, PSS MiB each', 'session pod, PSS MiB each', 'ratio'],
          [
            [
              String(IDLE_SESSIONS),
              memory.bare.toFixed(0),
              memory.pod.toFixed(0),
              (memory.pod / memory.bare).toFixed(2),
            ],
          ],
        )}`,
      ].join('\n\n'),
    );
  } finally {
    await sandbox.stop();
  }
}

await main();
process.exit(0);
