/**
 * The place images are made in: folders, lock, programs.
 *
 * Guarantees: one builder at a time per cache folder; whatever an earlier builder left unfinished is cleared
 * before the work starts; the work folder is empty again afterwards.
 */
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure, hasErrno } from '../machine/failure.ts';
import { acquireLock, type Lock } from '../machine/lock.ts';
import { ImageError } from './errors.ts';
import { type Layout, layoutOf } from './layout.ts';
import { run } from './process.ts';
import { sweepArchives } from './record.ts';
import { type Environment, readSettings, type Settings } from './settings.ts';
import { missingTools, missingToolsError, searchPath, type Tool } from './tools.ts';

/** What every call of the library can be given. */
export type BuildOptions = {
  /** Gets one line per step, for people. Default: silence. */
  readonly log?: (line: string) => void;
  /** Gets the programs' own output, line by line. Default: silence; failures carry its end anyway. */
  readonly verbose?: (line: string) => void;
  /** Ends the work early: `IMAGES_INTERRUPTED`. */
  readonly signal?: AbortSignal;
  /** Where settings and the search path come from. Default: `process.env`. */
  readonly environment?: Environment;
};

/** What the work is going to need, checked before it starts. */
export type Needs = {
  readonly tools: readonly Tool[];
  /** Free space in the cache folder, in bytes. */
  readonly freeBytes: number;
};

/** The place, with the lock held. */
export type Workshop = {
  readonly settings: Settings;
  readonly layout: Layout;
  readonly environment: Environment;
  readonly log: (line: string) => void;
  /** Runs a program; see `run` for its promises and errors. Returns its standard output. */
  readonly run: (program: string, args: readonly string[]) => Promise<string>;
  /** Makes an empty folder inside the work folder. */
  readonly folder: (name: string) => Promise<string>;
};

const OVERLAY_MAGIC = 0x794c7630;

/**
 * Does some work in the workshop.
 *
 * @throws ImageError with any code; a full disk met by the work's own file operations becomes `IMAGES_DISK_FULL`.
 */
export async function inWorkshop<T>(
  options: BuildOptions,
  needs: Needs,
  work: (workshop: Workshop) => Promise<T>,
): Promise<T> {
  const environment = options.environment ?? process.env;
  const log = options.log ?? silence;
  const settings = readSettings(environment);
  const layout = layoutOf(settings);
  if (process.geteuid?.() !== 0) {
    throw new ImageError('IMAGES_NOT_ROOT', 'building images needs root');
  }
  const missing = await missingTools(needs.tools, environment);
  if (missing.length > 0) throw missingToolsError(missing);

  try {
    await mkdir(layout.cache, { recursive: true });
    await checkFreeSpace(layout.cache, needs.freeBytes);
    const lock = await takeTurn(layout.lock, log, options.signal);
    try {
      await clearLeftovers(layout);
      const runner = await prepareRunner(layout, environment, lock.fd, options);
      return await work({ settings, layout, environment, log, run: runner, folder: folderIn(layout.work) });
    } finally {
      await rm(layout.work, { recursive: true, force: true });
      await lock.release();
    }
  } catch (error) {
    throw diskFull(error, layout.cache) ?? error;
  }
}

function silence(): void {}

/** The lock of the cache folder, waited for as long as it takes. */
async function takeTurn(
  path: string,
  log: (line: string) => void,
  signal: AbortSignal | undefined,
): Promise<Lock> {
  try {
    return await acquireLock(path, {
      doing: 'working on images',
      onWait: (owner) => log(`waiting for another build (process ${owner?.pid ?? '?'})`),
      waitSeconds: Infinity,
      signal,
    });
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    throw cause.code === 'interrupted'
      ? new ImageError('IMAGES_INTERRUPTED', 'interrupted while waiting for another build', { cause })
      : new ImageError('IMAGES_TOOL_FAILED', `cannot keep other builds away from ${path}`, { cause });
  }
}

async function checkFreeSpace(folder: string, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= needed) return;
  throw new ImageError(
    'IMAGES_DISK_FULL',
    `${folder} has ${mebibytes(free)} MiB free, the build needs ${mebibytes(needed)} MiB`,
  );
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}

/** Needs no unmounting: programs run with mounts of their own, which end with them. */
async function clearLeftovers(layout: Layout): Promise<void> {
  await rm(layout.work, { recursive: true, force: true });
  for (const folder of [layout.work, layout.storage, layout.run, layout.archives]) {
    await mkdir(folder, { recursive: true });
  }
  await sweepArchives(layout.archives, Date.now());
}

async function prepareRunner(
  layout: Layout,
  environment: Environment,
  lockFd: number,
  options: BuildOptions,
): Promise<Workshop['run']> {
  const storageConf = join(layout.work, 'storage.conf');
  const driver = (await statfs(layout.storage)).type === OVERLAY_MAGIC ? 'vfs' : 'overlay';
  // A file of our own: whatever the machine has configured for its other containers must not show here.
  await writeFile(
    storageConf,
    `[storage]\ndriver = "${driver}"\ngraphroot = "${layout.storage}"\nrunroot = "${layout.run}"\n`,
  );
  const toolEnvironment = {
    ...definedOnly(environment),
    PATH: searchPath(environment),
    CONTAINERS_STORAGE_CONF: storageConf,
    TMPDIR: layout.work,
    LC_ALL: 'C.UTF-8',
  };
  return (program, args) =>
    run({
      program,
      args,
      environment: toolEnvironment,
      lockFd,
      signal: options.signal,
      onLine: options.verbose ?? silence,
    });
}

function definedOnly(environment: Environment): Record<string, string> {
  const entries = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return Object.fromEntries(entries);
}

function folderIn(work: string): Workshop['folder'] {
  return async (name) => {
    const path = join(work, name);
    await rm(path, { recursive: true, force: true });
    await mkdir(path, { recursive: true });
    return path;
  };
}

function diskFull(error: unknown, cache: string): ImageError | undefined {
  if (!hasErrno(error, 'ENOSPC') && !hasErrno(error, 'EDQUOT')) return undefined;
  return new ImageError('IMAGES_DISK_FULL', `the disk that holds ${cache} is full`, { cause: error });
}
