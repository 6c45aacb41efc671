import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../machine/command.ts';
import { busyPercent, median, parseMachineTime, table } from './usage.ts';

/**
 * Measures the controller runtime without a cluster and prints Markdown: `npm run bench -w operator`, one to five minutes.
 * Processor time instead of speed: it says the same on a busy machine.
 * Each measurement has a process of its own; what plays the API server is another one.
 */
const ROUNDS = 3;
const KEYS = 200_000;
const PODS = 10_000;
const EVENTS = 20_000;

const file = (name: string) => fileURLToPath(new URL(`runtime/${name}`, import.meta.url));
const machineTime = async () => parseMachineTime(await readFile('/proc/stat', 'utf8'));

async function subject(
  args: readonly (string | number)[],
  flags: readonly string[] = [],
): Promise<Record<string, number>> {
  const argv = [process.execPath, '--expose-gc', ...flags, file('subject.ts'), ...args.map(String)];
  return JSON.parse(await runCommand(argv)) as Record<string, number>;
}

/** Follows `PODS` pods from a server of its own. */
async function follow(
  events: number,
  transform: string,
  flags: readonly string[] = [],
): Promise<Record<string, number>> {
  const server = spawn(process.execPath, [file('pod-server.ts'), String(PODS), String(events)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [port] = (await once(createInterface(server.stdout), 'line')) as [string];
    return await subject(['follow', port, PODS, events, transform], flags);
  } finally {
    server.kill();
  }
}

async function rounds(measure: () => Promise<Record<string, number>>): Promise<(name: string) => string> {
  const results: Record<string, number>[] = [];
  for (let round = 0; round < ROUNDS; round++) results.push(await measure());
  return (name) => {
    const values = results.map((result) => result[name] ?? Number.NaN);
    const show = (value: number) => (value >= 1000 ? Math.round(value).toString() : value.toFixed(1));
    return `${show(median(values))} (${show(Math.min(...values))}–${show(Math.max(...values))})`;
  };
}

const before = await machineTime();
const queue = await rounds(() => subject(['queue', KEYS]));
const stream = await rounds(() => follow(EVENTS, 'standard'));
console.log(
  table(
    ['what', 'processor time, µs'],
    [
      ['a key added to the work queue, taken and done', queue('cpuUsPerKey')],
      [
        'a watch event of 6 KiB received, parsed, stored, indexed, queued, reconciled',
        stream('cpuUsPerEvent'),
      ],
    ],
  ),
);
const small = ['--max-semi-space-size=2', '--max-old-space-size=192'];
const variants = [
  { transform: 'none', flags: [] },
  { transform: 'standard', flags: [] },
  { transform: 'slim', flags: [] },
  { transform: 'standard', flags: small },
  { transform: 'slim', flags: small },
];
const rows: string[][] = [];
for (const { transform, flags } of variants) {
  const held = await rounds(() => follow(PODS, transform, flags));
  const name = flags.length === 0 ? transform : `${transform}, \`${flags.join(' ')}\``;
  rows.push([name, held('listCpuMs'), held('heapMiB'), held('rssMiB'), held('rssBeforeMiB')]);
}
console.log(
  table(
    [
      'transform',
      `list of ${PODS}, ms of processor time`,
      'heap for them, MiB',
      'RSS after, MiB',
      'RSS before, MiB',
    ],
    rows,
  ),
);
const busy = busyPercent(before, await machineTime());
console.log(`\nThe machine was ${busy.toFixed(0)} % busy, these measurements included.`);
