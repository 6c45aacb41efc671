import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { ProgramSet } from './program-set.ts';

/** Everything that decides what the binaries are, except the Go compiler's own version: see {@link buildKey}. */
export interface BuildInputs {
  /** Path relative to the module -> content. */
  readonly files: Readonly<Record<string, string>>;
  readonly flags: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly packages: readonly string[];
  readonly platform: string;
}

/** Reads go.mod, go.sum and our own mains of a set. */
export function readBuildInputs(set: ProgramSet): BuildInputs {
  const { moduleDir } = set;
  const files = ['go.mod', 'go.sum', ...ownMains(moduleDir)];
  return {
    files: Object.fromEntries(files.map((file) => [file, readFileSync(join(moduleDir, file), 'utf8')])),
    flags: set.flags,
    environment: set.environment,
    packages: set.programs.map((program) => `${program.name}=${program.package}`),
    platform: `${process.platform}-${process.arch}`,
  };
}

function ownMains(moduleDir: string): readonly string[] {
  const folder = join(moduleDir, 'cmd');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.go'))
    .map((entry) => relative(moduleDir, join(entry.parentPath, entry.name)))
    .sort();
}

/**
 * The name of the folder that holds the binaries of these inputs. A newer patch release of Go does not change
 * it: rebuilding everything for that would cost many minutes and change nothing that a test could see.
 */
export const buildKey = (inputs: BuildInputs): string =>
  createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 16);
