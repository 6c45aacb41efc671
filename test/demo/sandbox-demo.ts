import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { renderUnicodeCompact } from 'uqr';
import { startTestSandbox, type TestSandbox } from '../../sandbox/src/testing.ts';
import { Session } from '../../sandbox/test/support/session.ts';
import { ensureChromium } from '../machine/chromium.ts';
import { describeFailure } from '../machine/failure.ts';
import { converse } from './conversation.ts';
import { readCommand, USAGE } from './options.ts';
import { judge, timedLine } from './report.ts';

/** The project's main job in small, for people: link, send, break the line, and account for every message. */

const NUMBER = '491510000001';
const MESSAGES = 10;
const CUT_BEHIND = 5;
/** How long a start of the browser, or a person with a phone, may take. */
const START_MS = 60_000;
const BY_HAND_MS = 600_000;

const began = performance.now();
const say = (text: string) => console.log(timedLine(performance.now() - began, text));

/** What has to be undone, latest first; run once, at the end or when interrupted. */
const undo: (() => Promise<unknown>)[] = [];
async function cleanUp(): Promise<void> {
  for (const step of undo.splice(0).reverse()) await step();
}

/** Delays as a person knows them, so that the cut falls between a message and its answer. */
const timing = {
  SANDBOX_TIMING_SERVER_MS: '80',
  SANDBOX_TIMING_DEVICE_MS: '250',
  SANDBOX_TIMING_READ_MS: '400',
};

async function startBrowser(sandbox: TestSandbox): Promise<Session> {
  const executable = await ensureChromium(say);
  const profile = await mkdtemp(join(tmpdir(), 'sandbox-demo-'));
  undo.push(() => rm(profile, { recursive: true, force: true, maxRetries: 5 }));
  const session = new Session(
    { profile, executable, protocolTimeout: START_MS, handleSignals: false },
    sandbox.browserArgs,
  );
  undo.push(() => session.kill());
  session.client.on('change_state', (state) => say(`whatsapp-web.js says ${state}`));
  session.start();
  return session;
}

async function link(session: Session, sandbox: TestSandbox, byHand: boolean): Promise<void> {
  const show = (qr: string) => {
    say(`whatsapp-web.js shows its QR code\n${renderUnicodeCompact(qr)}`);
    if (!byHand) return;
    const body = JSON.stringify({ qr });
    say(`scan it for the phone, in another terminal:
curl -s ${sandbox.controlUrl}/accounts/${NUMBER}/scan -d '${body}'`);
  };
  const [first] = await session.next('qr', START_MS);
  show(String(first));
  if (byHand) session.client.on('qr', show);
  else await sandbox.client.call('scan', { params: { number: NUMBER }, body: { qr: String(first) } });
  await session.next('ready', byHand ? BY_HAND_MS : START_MS);
  const version = await session.client.pupBrowser?.version();
  say(`linked: ${session.client.info.wid.user} is ready in ${version ?? 'the browser'}`);
}

async function run(byHand: boolean): Promise<number> {
  const { version } = createRequire(import.meta.url)('whatsapp-web.js/package.json') as { version: string };
  console.log(
    `WhatsApp itself is simulated here; whatsapp-web.js ${version} and Chromium are the real ones.\n`,
  );
  const sandbox = await startTestSandbox(timing);
  undo.push(sandbox.stop);
  say(`the simulated WhatsApp runs; its control API is ${sandbox.controlUrl}`);
  const session = await startBrowser(sandbox);
  await link(session, sandbox, byHand);

  const parts = { session, sandbox: sandbox.client, number: NUMBER, say };
  const sent = await converse(parts, MESSAGES, CUT_BEHIND);
  const verdict = judge(sent, await sandbox.client.call('ledger', { query: { account: NUMBER } }));
  await session.client.destroy();
  say(`the ledger of the simulated WhatsApp:\n${verdict.lines.join('\n')}`);
  say(verdict.clean ? 'clean: every message arrived once, in order' : 'NOT clean');
  return verdict.clean ? 0 : 1;
}

async function runAndTidy(byHand: boolean): Promise<number> {
  try {
    return await run(byHand);
  } catch (error) {
    console.error(describeFailure(error));
    return 2;
  } finally {
    await cleanUp();
  }
}

const command = readCommand(process.argv.slice(2));
switch (command.kind) {
  case 'help':
    console.log(USAGE);
    break;
  case 'wrong':
    console.error(`${command.problem}\n${USAGE}`);
    process.exitCode = 2;
    break;
  case 'run': {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => void cleanUp().then(() => process.exit(130)));
    }
    // The library keeps timers of its own, which would hold the process for minutes.
    process.exit(await runAndTidy(command.byHand));
    break;
  }
  default:
    command satisfies never;
}
