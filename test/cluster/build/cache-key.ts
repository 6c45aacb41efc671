import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { buildEnvironment, buildFlags, programs } from './programs.ts';

/** Everything that decides what the binaries are, except the Go compiler's own version: see {@link buildKey}. */
export interface BuildInputs {
  /** Path relative to the module -> content. */
  readonly files: Readonly<Record<string, string>>;
  readonly flags: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly packages: readonly string[];
  readonly platform: string;
}

/** Reads go.mod, go.sum and our own mains below `moduleDir`. */
export function readBuildInputs(moduleDir: string): BuildInputs {
  const sources = readdirSync(join(moduleDir, 'cmd'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.go'))
    .map((entry) => relative(moduleDir, join(entry.parentPath, entry.name)))
    .sort();
  const files = ['go.mod', 'go.sum', ...sources];
  return {
    files: Object.fromEntries(files.map((file) => [file, readFileSync(join(moduleDir, file), 'utf8')])),
    flags: buildFlags,
    environment: buildEnvironment,
    packages: programs.map((program) => `${program.name}=${program.package}`),
    platform: `${process.platform}-${process.arch}`,
  };
}

/**
 * The name of the folder that holds the binaries of these inputs. A newer patch release of Go does not change
 * it: rebuilding everything for that would cost many minutes and change nothing that a test could see.
 */
export const buildKey = (inputs: BuildInputs): string =>
  createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 16);
