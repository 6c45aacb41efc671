import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../../machine/command.ts';
import { acquireLock } from '../../machine/lock.ts';
import { buildKey, readBuildInputs } from './cache-key.ts';
import { type Finished, formatSeconds, remainingSeconds } from './estimate.ts';
import type { Program, ProgramSet } from './program-set.ts';
import type { Progress } from './progress.ts';

/** Where the binaries of the set's current go.mod are, or will be. */
export const binDirIn = (set: ProgramSet, cacheDir: string): string =>
  join(cacheDir, `${set.name}-bin`, buildKey(readBuildInputs(set)));

/** How many programs {@link buildPrograms} would build. */
export const programsToBuild = (set: ProgramSet, cacheDir: string): number =>
  missingPrograms(set, binDirIn(set, cacheDir)).length;

/** The programs whose binaries are not built yet. */
const missingPrograms = (set: ProgramSet, binDir: string): readonly Program[] =>
  set.programs.filter((program) => !existsSync(join(binDir, program.name)));

const missingFiles = (set: ProgramSet, binDir: string): ProgramSet['files'] =>
  set.files.filter((file) => !existsSync(join(binDir, file.name)));

/** Whether nothing is left to build. */
const isBuilt = (set: ProgramSet, binDir: string): boolean =>
  missingPrograms(set, binDir).length === 0 && missingFiles(set, binDir).length === 0;

/**
 * Builds every program of a set that is missing in the cache and returns the folder of the binaries.
 *
 * A binary appears under its name only when it is whole, and Go keeps every compiled package, so a build that
 * was interrupted goes on where it stopped. Two builds at once take turns; the second finds everything done.
 * Throws `command_failed` with the compiler's words, or `disk_full`.
 */
export async function buildPrograms(set: ProgramSet, cacheDir: string, progress: Progress): Promise<string> {
  const binDir = binDirIn(set, cacheDir);
  if (isBuilt(set, binDir)) return binDir;
  const lock = await acquireLock(`${binDir}.lock`, {
    doing: `building ${set.purpose}`,
    onWait: (owner) =>
      progress.line(`process ${owner?.pid ?? '?'} is building the same programs: waiting for it`),
  });
  try {
    await buildMissing(set, binDir, progress);
  } finally {
    await lock.release();
  }
  return binDir;
}

async function buildMissing(set: ProgramSet, binDir: string, progress: Progress): Promise<void> {
  const waiting = [...missingPrograms(set, binDir)];
  mkdirSync(binDir, { recursive: true });
  if (waiting.length > 0) await buildInOrder(set, binDir, waiting, progress);
  for (const { name, make } of missingFiles(set, binDir)) {
    const partial = join(binDir, `.${name}.partial`);
    writeFileSync(partial, await make());
    renameSync(partial, join(binDir, name));
  }
}

async function buildInOrder(
  set: ProgramSet,
  binDir: string,
  waiting: Program[],
  progress: Progress,
): Promise<void> {
  const all = set.programs.length;
  progress.line(
    `building ${waiting.length} of ${all} programs into ${binDir}: ${set.firstBuild} on two cores ` +
      'when nothing is cached, once per machine; interrupted, it goes on where it stopped',
  );
  const started = performance.now();
  const finished: Finished[] = [];
  for (let program = waiting.shift(); program !== undefined; program = waiting.shift()) {
    const count = `[${all - waiting.length}/${all}]`;
    finished.push(await buildOne(set, binDir, program, { count, started, finished, waiting, progress }));
  }
  progress.line(`built in ${formatSeconds((performance.now() - started) / 1000)}`);
}

interface BuildState {
  readonly count: string;
  readonly started: number;
  readonly finished: readonly Finished[];
  readonly waiting: readonly Program[];
  readonly progress: Progress;
}

async function buildOne(
  set: ProgramSet,
  binDir: string,
  program: Program,
  state: BuildState,
): Promise<Finished> {
  const began = performance.now();
  let compiled = 0;
  let downloaded = 0;
  const secondsSince = (moment: number): number => (performance.now() - moment) / 1000;
  state.progress.status(() => {
    const seconds = secondsSince(began);
    const left = remainingSeconds(state.finished, { program, seconds }, state.waiting);
    return (
      `${state.count} ${program.name}: ${downloaded} modules downloaded, ${compiled} packages compiled, ` +
      `${formatSeconds(seconds)} · ${formatSeconds(secondsSince(state.started))} in all · about ${formatSeconds(left)} left`
    );
  });
  const partial = join(binDir, `.${program.name}.partial`);
  rmSync(partial, { force: true });
  await runCommand(['go', 'build', '-v', ...set.flags, '-o', partial, program.package], {
    cwd: set.moduleDir,
    env: set.environment,
    onStderrLine: (line) => {
      if (line.startsWith('go: downloading ')) downloaded += 1;
      else if (!line.startsWith('go: ') && !line.startsWith('#')) compiled += 1;
    },
  });
  renameSync(partial, join(binDir, program.name));
  const seconds = secondsSince(began);
  state.progress.line(
    `${state.count} ${program.name}: ${compiled} packages compiled, ${formatSeconds(seconds)}`,
  );
  return { program, seconds, compiled };
}
