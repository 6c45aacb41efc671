/**
 * One builder at a time, by a kernel file lock.
 *
 * Guarantees: the lock belongs to an open file, shared with every program the builder starts, and the kernel
 * drops it when the last of them is gone. So a builder that was killed leaves nothing to clear, and its lock
 * lasts exactly as long as a program it started still runs.
 * Assumes: a local file system (network file systems give flock other meanings).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type FileHandle, open } from 'node:fs/promises';
import { ImageError } from './errors.ts';

/** The lock, held. */
export type HeldLock = {
  /** The open file to hand on to child processes so that they hold the lock too. */
  readonly fd: number;
  /** Gives the lock up, once; children that still run keep it until they end. */
  release(): Promise<void>;
};

/** What waiting for the lock needs from the caller. */
export type LockOptions = {
  readonly signal: AbortSignal | undefined;
  /** Called once with the holder's process id ("?" when unknown) if the lock is taken. */
  readonly onWait: (holder: string) => void;
};

const TAKEN = 75;

/**
 * Takes the lock, waiting for as long as somebody else holds it.
 *
 * @throws ImageError `IMAGES_INTERRUPTED` when the signal is aborted while waiting, `IMAGES_TOOL_FAILED`
 *   when the file system has no locks.
 */
export async function holdLock(path: string, { signal, onWait }: LockOptions): Promise<HeldLock> {
  const file = await open(path, 'a+');
  try {
    if (!(await flock(file, ['--nonblock'], signal))) {
      onWait((await readHolder(file)) || '?');
      await flock(file, [], signal);
    }
    await file.truncate(0);
    await file.write(`${process.pid}\n`);
  } catch (error) {
    await file.close();
    throw error;
  }
  return { fd: file.fd, release: () => file.close() };
}

async function readHolder(file: FileHandle): Promise<string> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(32), 0, 32, 0);
  return buffer.toString('utf8', 0, bytesRead).trim();
}

/** Locks the open file that child and parent share, so the lock outlives the child. False when it is taken. */
async function flock(
  file: FileHandle,
  flags: readonly string[],
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const child = spawn('flock', ['--exclusive', '--conflict-exit-code', String(TAKEN), ...flags, '3'], {
    stdio: ['ignore', 'ignore', 'ignore', file.fd],
    ...(signal && { signal }),
  });
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code === 0) return true;
    if (code === TAKEN) return false;
    throw new ImageError('IMAGES_TOOL_FAILED', `flock ended with ${code}: no lock on this file system?`);
  } catch (error) {
    if (signal?.aborted) {
      throw new ImageError('IMAGES_INTERRUPTED', 'interrupted while waiting for another build', {
        cause: error,
      });
    }
    throw error;
  }
}
