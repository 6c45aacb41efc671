import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { collectOutput, lastLines } from './command.ts';
import { Failure } from './failure.ts';

/**
 * A lock between processes of one machine.
 *
 * Guarantees: one holder at a time; the lock belongs to an open file, and the kernel drops it when the last
 * process that has this file is gone, however it ends, so no lock is ever stale. Programs that the holder starts
 * do not get the file unless `fd` is put among their stdio: daemons outlive the lock, and a program that was
 * given the file keeps the lock for as long as it runs.
 * Assumes a local filesystem and util-linux' `flock` and `setpriv`.
 */
export interface Lock {
  /** The open file, to share with a started program as one of its stdio. */
  readonly fd: number;
  /** Gives the lock up; programs that share its file keep it until they end. A second call does nothing. */
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
  /** Seconds to wait; 0 fails at once, Infinity never. Default 3600. */
  readonly waitSeconds?: number;
  /** Ends the waiting early. */
  readonly signal?: AbortSignal | undefined;
}

/** The exit code by which `flock` says that somebody else holds the lock. */
const taken = 75;

/**
 * Takes the lock on `path` (a file that is created and stays). Throws `locked` when the wait is over,
 * `interrupted` when the signal is aborted while waiting, `lock_failed` when the filesystem has no locks,
 * `command_not_started` without util-linux, and the system's own error when the file cannot be opened.
 */
export async function acquireLock(path: string, options: LockOptions): Promise<Lock> {
  mkdirSync(dirname(path), { recursive: true });
  const ownerPath = `${path}.owner`;
  // A plain descriptor: a FileHandle that nobody refers to any more is closed, and the lock would go with it.
  const fd = openSync(path, 'a');
  try {
    if (!(await lockFile(fd, path, 0, options.signal))) await waitFor(fd, path, ownerPath, options);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  writeOwner(ownerPath, options.doing);
  let released = false;
  return {
    fd,
    release: async () => {
      // The number of a closed file is given to the next one that is opened.
      if (!released) closeSync(fd);
      released = true;
    },
  };
}

async function waitFor(fd: number, path: string, ownerPath: string, options: LockOptions): Promise<void> {
  const owner = readOwner(ownerPath);
  options.onWait?.(owner);
  const waitSeconds = options.waitSeconds ?? 3600;
  if (waitSeconds > 0 && (await lockFile(fd, path, waitSeconds, options.signal))) return;
  const who = owner === undefined ? 'another process' : `process ${owner.pid} (${owner.doing})`;
  throw new Failure('locked', `${who} holds ${path}, waited ${waitSeconds} s`, {
    class: 'conflict',
    remedy: 'let it finish, or end that process',
  });
}

/**
 * Locks the open file that child and parent share, so that the lock outlives the child. False when it was not to
 * be had within the time.
 */
async function lockFile(
  fd: number,
  path: string,
  waitSeconds: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const interrupted = () =>
    new Failure('interrupted', `interrupted while waiting for ${path}`, { class: 'retry' });
  if (signal?.aborted) throw interrupted();
  const wait = waitSeconds === Infinity ? [] : ['--wait', String(waitSeconds)];
  const flock = ['flock', '--exclusive', '--conflict-exit-code', String(taken), ...wait, '3'];
  // A group of its own, because Ctrl-C is for this process to answer; the kernel ends it if this process dies.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...flock], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', fd],
  }) as ChildProcessByStdio<null, null, Readable>;
  const stop = () => child.kill();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const [stderr, [code]] = await Promise.all([
      collectOutput(child.stderr),
      once(child, 'close') as Promise<[number | null]>,
    ]);
    if (code === 0) return true;
    if (code === taken) return false;
    if (signal?.aborted) throw interrupted();
    throw new Failure(
      'lock_failed',
      `cannot lock ${path}: flock ended with ${code ?? 'a signal'}: ${lastLines(stderr, 3)}`,
      { remedy: 'install util-linux, and keep this file on a local filesystem' },
    );
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure('command_not_started', 'cannot start flock', {
      remedy: 'install util-linux',
      cause: error,
    });
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function writeOwner(path: string, doing: string): void {
  const owner: LockOwner = { pid: process.pid, doing, since: new Date().toISOString() };
  try {
    writeFileSync(path, JSON.stringify(owner));
  } catch {
    // Who holds the lock is told as a courtesy; a full disk must not keep anybody from removing a cluster.
  }
}

function readOwner(path: string): LockOwner | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as LockOwner;
  } catch {
    return undefined;
  }
}
