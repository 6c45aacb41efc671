import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Session } from '../../sandbox/test/support/session.ts';
import { ensureChromium } from '../machine/chromium.ts';
import { Device } from './device.ts';
import { type LoadResult, measureLoad } from './load.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import { busyPercent, median, parseMachineTime, table } from './usage.ts';

/**
 * Measures the sandbox and prints Markdown: `npm run bench -w sandbox`, about four minutes. Devices are in this
 * process, the sandbox in one of its own; on a machine with two cores nothing else should run.
 */

const FIRST = 491_510_000_001;
const KEEPALIVE_MS = 5_000;
const ROUNDS = 3;
const SECONDS = 8;
const IN_FLIGHT = 200;
const IDLE_SECONDS = 20;
/** From so many accounts on their share stands out of what two starts differ by, some 3 MiB. */
const COUNTABLE = 50;

const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(FIRST + index));
const digits = (value: number, places: number) => value.toFixed(places);
const note = (line: string) => console.error(line);

/** One line with the median of the rounds and their extremes. */
function loadRow(accounts: number, rounds: readonly LoadResult[]): readonly string[] {
  const rates = rounds.map(({ perSecond }) => perSecond);
  const range = `${digits(Math.min(...rates), 0)} to ${digits(Math.max(...rates), 0)}`;
  const last = rounds.at(-1);
  return [
    String(accounts),
    `${digits(median(rates), 0)} (${range})`,
    digits(median(rounds.map(({ cpuMsPerMessage }) => cpuMsPerMessage)), 2),
    digits(median(rounds.map(({ ackMs }) => ackMs.median)), 0),
    digits(median(rounds.map(({ ackMs }) => ackMs.p99)), 0),
    rounds.map(({ rssMiB }) => digits(rssMiB, 0)).join(', '),
    digits(last?.pssMiB ?? Number.NaN, 0),
  ];
}

async function benchLoad(accounts: number): Promise<readonly string[]> {
  const server = await startServer(accounts);
  try {
    const plan = { accounts: numbers(accounts), inFlight: IN_FLIGHT, keepaliveMs: KEEPALIVE_MS };
    await measureLoad(server, { ...plan, seconds: 2 });
    const rounds: LoadResult[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      rounds.push(await measureLoad(server, { ...plan, seconds: SECONDS }));
      note(`${accounts} accounts, round ${round}: ${digits(rounds.at(-1)?.perSecond ?? 0, 0)}/s`);
    }
    await checkLedger(server);
    return loadRow(accounts, rounds);
  } finally {
    await server.stop();
  }
}

/** A number that was reached by losing messages would be worth nothing. */
async function checkLedger(server: ServerProcess): Promise<void> {
  const { outbound } = await server.client.call('audit', {});
  const wrong = Object.values(outbound).flat().length;
  if (wrong > 0) throw new Error(`the ledger shows ${wrong} messages lost, doubled or moved`);
}

async function benchIdle(
  accounts: number,
): Promise<{ readonly accounts: number; readonly pss: number; readonly rss: number; readonly cpu: number }> {
  const server = await startServer(accounts);
  const devices: Device[] = [];
  try {
    for (const number of numbers(accounts))
      devices.push(await Device.link(server.webPort, number, KEEPALIVE_MS));
    await sleep(5_000);
    const before = await server.usage();
    await sleep(IDLE_SECONDS * 1000);
    const after = await server.usage();
    note(`${accounts} accounts idle: ${digits(after.pssMiB, 0)} MiB`);
    const cpu = ((after.cpuSeconds - before.cpuSeconds) / IDLE_SECONDS) * 100;
    return { accounts, pss: after.pssMiB, rss: after.rssMiB, cpu };
  } finally {
    for (const device of devices) await device.close();
    await server.stop();
  }
}

async function benchBrowser(): Promise<readonly (readonly string[])[]> {
  const executable = await ensureChromium(note);
  const server = await startServer(1);
  const profile = await mkdtemp(join(tmpdir(), 'sandbox-bench-'));
  const { args } = await server.client.call('browserArgs', {});
  const session = new Session({ profile, executable, phone: String(FIRST) }, args);
  try {
    session.start();
    await session.next('ready', 60_000);
    const rows: (readonly string[])[] = [];
    for (const concurrency of [1, 32]) {
      const rates: number[] = [];
      for (let round = 0; round <= ROUNDS; round++) rates.push(await sendWithLibrary(session, concurrency));
      // The first round warms the page up.
      const counted = rates.slice(1);
      const range = `${digits(Math.min(...counted), 0)} to ${digits(Math.max(...counted), 0)}`;
      rows.push([String(concurrency), `${digits(median(counted), 0)} (${range})`]);
      note(`whatsapp-web.js, ${concurrency} at once: ${digits(median(counted), 0)}/s`);
    }
    await session.client.destroy();
    return rows;
  } finally {
    await session.kill();
    await server.stop();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function sendWithLibrary({ client }: Session, concurrency: number): Promise<number> {
  const count = 300;
  let next = 0;
  const began = performance.now();
  const sendSome = async () => {
    while (next < count) await client.sendMessage('4915700000000@c.us', `message ${next++}`);
  };
  await Promise.all(Array.from({ length: concurrency }, sendSome));
  return (count / (performance.now() - began)) * 1000;
}

/** What others do on the machine, looked at between two parts of the benchmark: numbers beside a build are none. */
const others: string[] = [];
async function alone<T>(part: () => Promise<T>): Promise<T> {
  const read = async () => parseMachineTime(await readFile('/proc/stat', 'utf8'));
  const before = await read();
  await sleep(1_000);
  others.push(digits(busyPercent(before, await read()), 0));
  return part();
}

const loads = [await alone(() => benchLoad(1)), await alone(() => benchLoad(50))];
const idle: Awaited<ReturnType<typeof benchIdle>>[] = [];
for (const accounts of [0, 1, 50, 300]) idle.push(await alone(() => benchIdle(accounts)));
const browser = await alone(benchBrowser);
const [bare] = idle;

console.log(`
${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${digits(totalmem() / 2 ** 30, 0)} GiB, Node ${process.versions.node}, Linux
Busy with other things before each part: ${others.join(', ')} % of all cores

### Messages per second
${table(
  [
    'accounts',
    'messages/s (range)',
    'CPU ms per message',
    'ack 1 median ms',
    'ack 1 p99 ms',
    'RSS MiB after each round',
    'PSS MiB',
  ],
  loads,
)}

### Linked and idle
${table(
  ['accounts', 'RSS MiB', 'PSS MiB', 'PSS KiB per account', 'CPU % of a core', 'CPU % per account'],
  idle.map(({ accounts, rss, pss, cpu }) => [
    String(accounts),
    digits(rss, 1),
    digits(pss, 1),
    accounts < COUNTABLE ? '–' : digits(((pss - (bare?.pss ?? 0)) * 1024) / accounts, 0),
    digits(cpu, 2),
    accounts < COUNTABLE ? '–' : digits((cpu - (bare?.cpu ?? 0)) / accounts, 4),
  ]),
)}

### Through whatsapp-web.js in one Chromium
${table(['sendMessage at once', 'messages/s (range)'], browser)}
`);
process.exit();
