import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Failure } from './failure.ts';

/**
 * A lock between processes of one machine.
 *
 * Guarantees: one holder at a time; gone with its holder, however that ends, so no lock is ever stale.
 * Assumes a local filesystem and util-linux' `flock`.
 * How: a child holds the kernel's lock for as long as our end of its stdin is open, and the kernel closes
 * that when this process dies.
 */
export interface Lock {
  readonly release: () => Promise<void>;
}

/** Who holds a lock, for the person who waits. */
export interface LockOwner {
  readonly pid: number;
  readonly doing: string;
  readonly since: string;
}

export interface LockOptions {
  /** What the holder does, in a few words, told to those who wait. */
  readonly doing: string;
  /** Called once when somebody else holds the lock, before waiting. */
  readonly onWait?: (owner: LockOwner | undefined) => void;
  /** Seconds to wait; 0 fails at once. Default 3600. */
  readonly waitSeconds?: number;
}

/** Takes the lock on `path` (a file that is created and stays). Throws `locked` when the wait is over. */
export async function acquireLock(path: string, options: LockOptions): Promise<Lock> {
  mkdirSync(dirname(path), { recursive: true });
  const ownerPath = `${path}.owner`;
  const quick = await hold(path, 0);
  const lock = quick ?? (await waitFor(path, ownerPath, options));
  const owner: LockOwner = { pid: process.pid, doing: options.doing, since: new Date().toISOString() };
  try {
    writeFileSync(ownerPath, JSON.stringify(owner));
  } catch {
    // Who holds the lock is told as a courtesy; a full disk must not keep anybody from removing a cluster.
  }
  return lock;
}

async function waitFor(path: string, ownerPath: string, options: LockOptions): Promise<Lock> {
  const owner = readOwner(ownerPath);
  options.onWait?.(owner);
  const waitSeconds = options.waitSeconds ?? 3600;
  const lock = waitSeconds === 0 ? undefined : await hold(path, waitSeconds);
  if (lock !== undefined) return lock;
  const who = owner === undefined ? 'another process' : `process ${owner.pid} (${owner.doing})`;
  throw new Failure('locked', `${who} holds ${path}, waited ${waitSeconds} s`, {
    class: 'conflict',
    remedy: 'let it finish, or end that process',
  });
}

/** Undefined when the lock was not to be had within the time. */
async function hold(path: string, waitSeconds: number): Promise<Lock | undefined> {
  // A session of its own: Ctrl-C in the terminal must not take the lock from a process that is cleaning up.
  const child = spawn('flock', ['--wait', String(waitSeconds), path, 'sh', '-c', 'echo held; exec cat'], {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const held = await new Promise<boolean>((resolve, reject) => {
    child.stdout.once('data', () => resolve(true));
    child.once('close', () => resolve(false));
    child.once('error', (cause) =>
      reject(
        new Failure('command_not_started', 'cannot start flock', { remedy: 'install util-linux', cause }),
      ),
    );
  });
  if (!held) return undefined;
  return {
    release: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

function readOwner(path: string): LockOwner | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as LockOwner;
  } catch {
    return undefined;
  }
}
