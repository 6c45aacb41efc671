import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { SandboxClient } from '../../src/client.ts';
import type { RouteInput } from '../../src/control/contract.ts';
import { Session, type SessionOptions } from './session.ts';

export const sandbox = new SandboxClient(inject('controlUrl'));

const opened: (() => Promise<unknown>)[] = [];
let next = 4_915_110_000_000 + Math.floor(Math.random() * 9_000_000);

/** A folder for whatsapp-web.js's LocalAuth, removed at the end of the file. */
export async function newProfile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-profile-'));
  opened.push(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** The same profile, at a place of its own. */
export async function copyProfile(profile: string): Promise<string> {
  const copy = await newProfile();
  await cp(profile, copy, { recursive: true });
  return copy;
}

/** A new account, with three people in its address book. */
export async function newAccount(autoLink = false): Promise<string> {
  const number = String(next++);
  await sandbox.call('createAccount', { body: { number, autoLink } });
  return number;
}

/**
 * A client that is initializing; `initialize` of the library may never return, so nobody waits for it here.
 *
 * @param address where its browser is to look for the sandbox, if not at the advertised address
 */
export async function startSession(options: SessionOptions, address?: string): Promise<Session> {
  const { args } = await sandbox.call('browserArgs', { query: { address } });
  const session = new Session(options, args);
  opened.push(() => session.kill());
  session.start();
  return session;
}

/** A client that was linked by QR code and is ready. */
export async function linkedSession(options: Partial<SessionOptions> = {}): Promise<{
  readonly session: Session;
  readonly number: string;
  readonly profile: string;
}> {
  const number = await newAccount();
  const profile = options.profile ?? (await newProfile());
  const session = await startSession({ ...options, profile });
  const [qr] = await session.next('qr');
  await sandbox.call('scan', { params: { number }, body: { qr: String(qr) } });
  await session.next('ready');
  return { session, number, profile };
}

/** A profile that was linked and closed cleanly. */
export async function linkedProfile(): Promise<{ readonly number: string; readonly profile: string }> {
  const { session, number, profile } = await linkedSession();
  await session.client.destroy();
  return { number, profile };
}

/** Ends whatever the file started; to be called in afterAll. */
export async function closeAll(): Promise<void> {
  for (const close of opened.splice(0).reverse()) await close();
}

/** Asks again every 20 ms until the answer is there; throws after half a minute: machines are busy. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What the ledger says of an account, as `kind detail`, in order. */
export async function ledgerLines(account: string): Promise<readonly string[]> {
  const entries = await sandbox.call('ledger', { query: { account } });
  return entries.map(({ kind, detail }) => `${kind} ${detail ?? ''}`.trim());
}

type FaultWish = RouteInput<'addFault'>['body']['fault'];

/** Begins a fault for one account; returns how to end it. */
export async function beginFault(
  account: string,
  fault: FaultWish,
  times: number | null = null,
): Promise<() => Promise<void>> {
  const standing = await sandbox.call('addFault', { body: { account, fault, times } });
  return async () => {
    if (standing !== null) await sandbox.call('clearFault', { params: { id: standing.id } });
  };
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What a promise does within a time: nothing, or one of its two ends. */
export function within(ms: number, promise: Promise<unknown>): Promise<'pending' | 'resolved' | 'rejected'> {
  return Promise.race([
    promise.then(
      () => 'resolved' as const,
      () => 'rejected' as const,
    ),
    pause(ms).then(() => 'pending' as const),
  ]);
}
