import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../../machine/command.ts';
import { acquireLock } from '../../machine/lock.ts';
import { buildKey, readBuildInputs } from './cache-key.ts';
import { type Finished, formatSeconds, remainingSeconds } from './estimate.ts';
import { buildEnvironment, buildFlags, type Program, programs } from './programs.ts';
import type { Progress } from './progress.ts';

/** Folder of the cluster's go.mod. */
const moduleDir = new URL('..', import.meta.url).pathname;

/** Where the binaries of the current go.mod are, or will be. */
export const binDirIn = (cacheDir: string): string =>
  join(cacheDir, 'cluster-bin', buildKey(readBuildInputs(moduleDir)));

/** The programs whose binaries are not built yet. */
const missingPrograms = (binDir: string): readonly Program[] =>
  programs.filter((program) => !existsSync(join(binDir, program.name)));

/** File in the folder of the binaries with kwok's rules for simulated nodes and pods, from its own module. */
export const kwokStages = 'kwok-stages.yaml';

/** How many programs {@link buildPrograms} would build. */
export const programsToBuild = (cacheDir: string): number => missingPrograms(binDirIn(cacheDir)).length;

/** Whether nothing is left to build. */
const isBuilt = (binDir: string): boolean =>
  missingPrograms(binDir).length === 0 && existsSync(join(binDir, kwokStages));

/**
 * Builds every program that is missing in the cache and returns the folder of the binaries.
 *
 * A binary appears under its name only when it is whole, and Go keeps every compiled package, so a build that
 * was interrupted goes on where it stopped. Two builds at once take turns; the second finds everything done.
 * Throws `command_failed` with the compiler's words, or `disk_full`.
 */
export async function buildPrograms(cacheDir: string, progress: Progress): Promise<string> {
  const binDir = binDirIn(cacheDir);
  if (isBuilt(binDir)) return binDir;
  const lock = await acquireLock(`${binDir}.lock`, {
    doing: 'building the cluster',
    onWait: (owner) =>
      progress.line(`process ${owner?.pid ?? '?'} is building the same programs: waiting for it`),
  });
  try {
    await buildMissing(binDir, progress);
  } finally {
    await lock.release();
  }
  return binDir;
}

async function buildMissing(binDir: string, progress: Progress): Promise<void> {
  const waiting = [...missingPrograms(binDir)];
  mkdirSync(binDir, { recursive: true });
  if (waiting.length > 0) await buildInOrder(binDir, waiting, progress);
  await collectKwokStages(binDir);
}

async function buildInOrder(binDir: string, waiting: Program[], progress: Progress): Promise<void> {
  progress.line(
    `building ${waiting.length} of ${programs.length} programs into ${binDir}: some 10 to 25 minutes on two cores ` +
      'when nothing is cached, once per machine; interrupted, it goes on where it stopped',
  );
  const started = performance.now();
  const finished: Finished[] = [];
  for (let program = waiting.shift(); program !== undefined; program = waiting.shift()) {
    const count = `[${programs.length - waiting.length}/${programs.length}]`;
    finished.push(await buildOne(binDir, program, { count, started, finished, waiting, progress }));
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

async function buildOne(binDir: string, program: Program, state: BuildState): Promise<Finished> {
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
  await runCommand(['go', 'build', '-v', ...buildFlags, '-o', partial, program.package], {
    cwd: moduleDir,
    env: buildEnvironment,
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

/** kwok ships its stages as files of its module, and plays nothing without them. */
async function collectKwokStages(binDir: string): Promise<void> {
  const module = await runCommand(['go', 'list', '-m', '-f', '{{.Dir}}', 'sigs.k8s.io/kwok'], {
    cwd: moduleDir,
  });
  const stages = ['node/fast', 'node/heartbeat-with-lease', 'pod/fast'].flatMap((name) => {
    const dir = join(module.trim(), 'kustomize', 'stage', name);
    const files = readdirSync(dir).filter((file) => file.endsWith('.yaml') && file !== 'kustomization.yaml');
    return files.map((file) => readFileSync(join(dir, file), 'utf8').trim());
  });
  const partial = join(binDir, `.${kwokStages}.partial`);
  writeFileSync(partial, `${stages.join('\n---\n')}\n`);
  renameSync(partial, join(binDir, kwokStages));
}
