import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SessionState, Transition } from '@whatsapp-operator/api/session';
import type { CallInput } from '@whatsapp-operator/sandbox';
import { startTestSandbox, type TestSandbox } from '@whatsapp-operator/sandbox/testing';
import type { Ack, HistoryMessage, Pairing, SendOutcome } from '../../../src/engine/engine.ts';
import {
  createEngine,
  type Engine,
  type EngineOptions,
  type OutboundContent,
} from '../../../src/engine/index.ts';
import { findBrowserGroups, killGroup, listProcesses } from '../../../src/engine/process-tree.ts';

export const FRIEND = '4915700000000@c.us';

const closers: (() => Promise<unknown>)[] = [];
const sessions: EngineUnderTest[] = [];
let nextNumber = 4_915_120_000_000;

/** Ends the engines of a test, also of one that failed: two with one registration would fight. */
export async function endSessions(): Promise<void> {
  for (const session of sessions.splice(0)) await session.kill();
}

/** Ends whatever the file started; to be called in afterAll. */
export async function closeAll(): Promise<void> {
  await endSessions();
  for (const close of closers.splice(0).reverse()) await close();
}

export async function newSandbox(environment: Readonly<Record<string, string>> = {}): Promise<TestSandbox> {
  const sandbox = await startTestSandbox({
    SANDBOX_ACCOUNTS: '0',
    SANDBOX_TIMING_BACKOFF_MS: '100',
    SANDBOX_TIMING_BACKOFF_MAX_MS: '500',
    SANDBOX_TIMING_CONNECT_TIMEOUT_MS: '1500',
    SANDBOX_TIMING_SYNC_MS: '100',
    // Long, so that it is the engine that has to notice a silent connection.
    SANDBOX_TIMING_KEEPALIVE_MS: '120000',
    ...environment,
  });
  closers.push(() => sandbox.stop());
  return sandbox;
}

export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'session-pod-'));
  closers.push(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** The same volume, at a place of its own. */
export async function copyFolder(folder: string): Promise<string> {
  const copy = await newFolder();
  await cp(folder, copy, { recursive: true });
  return copy;
}

export async function newAccount(sandbox: TestSandbox, autoLink = false): Promise<string> {
  const number = String(nextNumber++);
  await sandbox.client.call('createAccount', { body: { number, autoLink } });
  return number;
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks again every 20 ms until the answer is there. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  ms = 30_000,
): Promise<T> {
  const deadline = Date.now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`waited ${ms} ms in vain until ${what}`);
    await pause(20);
  }
}

/** An engine with everything that it told, in order. */
export class EngineUnderTest {
  readonly engine: Engine;
  readonly folder: string;
  readonly transitions: Transition[] = [];
  readonly pairings: (Pairing | undefined)[] = [];
  readonly acks: { readonly messageId: string; readonly ack: Ack }[] = [];
  readonly messages: HistoryMessage[] = [];
  readonly #sandbox: TestSandbox;
  #nextId = 1;

  constructor(sandbox: TestSandbox, folder: string, options: Partial<EngineOptions> = {}) {
    this.#sandbox = sandbox;
    this.folder = folder;
    const executable = process.env['SANDBOX_CHROMIUM'];
    const quiet = () => undefined;
    const log = { debug: quiet, info: quiet, warn: quiet, error: console.error };
    this.engine = createEngine(
      {
        dataFolder: folder,
        browserArgs: sandbox.browserArgs,
        ...(executable === undefined ? {} : { executable }),
        ...options,
      },
      { log },
    );
    this.engine.on({
      transition: (transition) => this.transitions.push(transition),
      pairing: (pairing) => this.pairings.push(pairing),
      ack: (messageId, ack) => this.acks.push({ messageId, ack }),
      message: (message) => this.messages.push(message),
    });
    sessions.push(this);
  }

  /** As `from → to reason`. */
  story(): readonly string[] {
    return this.transitions.map(({ from, to, reason }) => `${from} → ${to} ${reason}`);
  }

  reach(state: SessionState, ms = 30_000): Promise<unknown> {
    return this.untilTold(`it is ${state}`, () => this.engine.snapshot.state === state, ms);
  }

  /** The first transition from now on, or from `since` on, that has this reason. */
  async told(reason: Transition['reason'], since = 0, ms = 30_000): Promise<Transition> {
    const found = () => this.transitions.slice(since).find((transition) => transition.reason === reason);
    await this.untilTold(`it tells of ${reason}`, () => found() !== undefined, ms);
    const transition = found();
    if (transition === undefined) throw new Error('told and gone');
    return transition;
  }

  /** The QR code that is shown now. */
  async qr(): Promise<string> {
    await this.untilTold('it shows a code', () => this.engine.snapshot.pairing !== undefined, 30_000);
    const { pairing } = this.engine.snapshot;
    if (pairing?.method !== 'QRCode') throw new Error('it shows no QR code');
    return pairing.qr;
  }

  async scanWith(number: string): Promise<void> {
    await this.#sandbox.client.call('scan', { params: { number }, body: { qr: await this.qr() } });
  }

  newId(): string {
    return `3EB0${Date.now().toString(16).toUpperCase().padStart(12, '0')}${String(this.#nextId++).padStart(6, '0')}`;
  }

  send(
    content: OutboundContent | string,
    more: { readonly id?: string; readonly chatId?: string; readonly deadlineMs?: number } = {},
  ): Promise<SendOutcome> {
    return this.engine.send({
      chatId: FRIEND,
      id: this.newId(),
      content: typeof content === 'string' ? { type: 'text', body: content, linkPreview: false } : content,
      replyTo: undefined,
      mentions: [],
      deadlineMs: 15_000,
      ...more,
    });
  }

  /** The browser's processes, by kind. */
  async processes(type: 'browser' | 'renderer' | 'utility'): Promise<readonly number[]> {
    const groups = await findBrowserGroups(join(this.folder, 'profile'));
    const members = (await listProcesses()).filter(({ group, zombie }) => groups.includes(group) && !zombie);
    const typed = await Promise.all(
      members.map(async ({ pid }) => {
        const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
        // The system's starting script may stand before the browser, with the same arguments.
        const kind = /--type=([a-z-]+)/.exec(line)?.[1] ?? 'browser';
        return { pid, kind };
      }),
    );
    return typed.filter(({ kind }) => kind === type).map(({ pid }) => pid);
  }

  /** Ends the browser without any grace, and the engine before it can begin another. */
  async kill(): Promise<void> {
    const groups = await findBrowserGroups(join(this.folder, 'profile'));
    const killed = groups.map((group) => killGroup(group, 5_000));
    await Promise.all([...killed, this.engine.stop(1_000)]);
  }

  async untilTold(what: string, holds: () => boolean, ms: number): Promise<void> {
    await until(what, holds, ms).catch((error: Error) => {
      throw new Error(`${error.message}; told: ${this.story().join(', ')}`);
    });
  }
}

/** An engine that was linked by QR code and is connected. */
export async function linkedEngine(
  sandbox: TestSandbox,
  options: Partial<EngineOptions> = {},
): Promise<{ readonly session: EngineUnderTest; readonly number: string }> {
  const number = await newAccount(sandbox);
  const session = new EngineUnderTest(sandbox, await newFolder(), options);
  session.engine.start();
  await session.scanWith(number);
  await session.reach('Connected');
  return { session, number };
}

/** A volume that was linked and closed cleanly. */
export async function linkedFolder(
  sandbox: TestSandbox,
): Promise<{ readonly folder: string; readonly number: string }> {
  const { session, number } = await linkedEngine(sandbox);
  await session.engine.stop(8_000);
  return { folder: session.folder, number };
}

/** An engine on a copy of a linked volume, connected. */
export async function connectedEngine(
  sandbox: TestSandbox,
  folder: string,
  options: Partial<EngineOptions> = {},
): Promise<EngineUnderTest> {
  const session = new EngineUnderTest(sandbox, await copyFolder(folder), options);
  session.engine.start();
  await session.reach('Connected');
  return session;
}

export type FaultWish = CallInput<'addFault'>['body']['fault'];

/** Begins a fault for one account; returns how to end it. */
export async function beginFault(
  sandbox: TestSandbox,
  account: string | null,
  fault: FaultWish,
): Promise<() => Promise<void>> {
  const standing = await sandbox.client.call('addFault', { body: { account, fault } });
  return async () => {
    if (standing !== null) await sandbox.client.call('clearFault', { params: { id: standing.id } });
  };
}

/** What the ledger says of a message id, in order. */
export async function kindsOf(sandbox: TestSandbox, account: string, id: string): Promise<readonly string[]> {
  const entries = await sandbox.client.call('ledger', { query: { account, id } });
  return entries.map(({ kind }) => kind);
}
