import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { posix } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ImageError } from './errors.ts';
import { CONTENT_TOOLS, missingToolsError } from './tools.ts';

/** A file of this machine that goes into an image. */
export type ScratchFile = {
  /** Path on this machine; a symbolic link stands for the file it leads to. */
  readonly source: string;
  /** Absolute path inside the image. */
  readonly target: string;
  /** Permission bits, for example `0o755`. */
  readonly mode: number;
};

/** A symbolic link inside an image. */
export type ScratchLink = {
  /** Absolute path of the link. */
  readonly target: string;
  /** What it leads to, as written into the link. */
  readonly to: string;
};

/** An empty folder inside an image. */
export type ScratchFolder = { readonly target: string; readonly mode: number };

/**
 * A whole image given by its files: one layer on nothing, everything owned by root, parent folders made as
 * needed with mode 755.
 */
export type ScratchImageSpec = {
  /** Full name with registry part and tag, for example `localhost/tools/pause:3.10`. */
  readonly tag: string;
  readonly files: readonly ScratchFile[];
  readonly links?: readonly ScratchLink[];
  readonly folders?: readonly ScratchFolder[];
  /** Program and its first arguments. */
  readonly entrypoint?: readonly string[];
  /** Arguments a pod may replace. */
  readonly command?: readonly string[];
  /** `uid`, `uid:gid` or a name; default root. */
  readonly user?: string;
  /** Environment variables; PATH defaults to the usual one. */
  readonly env?: Readonly<Record<string, string>>;
};

/** Goes up when the same spec would give another image than before. */
const FORMAT = 1;
const TAG =
  /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)+:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const USER = /^[A-Za-z0-9_][A-Za-z0-9_-]*(:[A-Za-z0-9_][A-Za-z0-9_-]*)?$/;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Everything that is wrong with a spec, as sentences; empty when nothing is. */
export function specProblems(spec: ScratchImageSpec): string[] {
  const entries = [...spec.files, ...(spec.links ?? []), ...(spec.folders ?? [])];
  const targets = entries.map((entry) => entry.target);
  const variables = Object.entries(spec.env ?? {});
  const problems: (string | false)[] = [
    !TAG.test(spec.tag) && `tag "${spec.tag}" is not a full image name with a tag`,
    entries.length === 0 && 'an image needs at least one file',
    spec.user !== undefined && !USER.test(spec.user) && `user "${spec.user}" is not a user`,
    ...targets.map((target) => !isPlainPath(target) && `target "${target}" is not a plain absolute path`),
    ...targets.map((target, at) => targets.indexOf(target) !== at && `target "${target}" is given twice`),
    ...[...spec.files, ...(spec.folders ?? [])].map(
      ({ target, mode }) => !isMode(mode) && `mode of "${target}" is not 0 to 0o7777`,
    ),
    ...variables.map(([name]) => !VARIABLE.test(name) && `"${name}" is not a variable's name`),
    ...variables.map(
      ([name, value]) => /[\r\n]/.test(value) && `the value of ${name} has more than one line`,
    ),
  ];
  return problems.filter((problem) => problem !== false);
}

function isPlainPath(path: string): boolean {
  return posix.isAbsolute(path) && posix.normalize(path) === path && !path.endsWith('/');
}

function isMode(mode: number): boolean {
  return Number.isInteger(mode) && mode >= 0 && mode <= 0o7777;
}

/** The Dockerfile of a spec whose files lie, as they should be in the image, in the folder `rootfs`. */
export function scratchDockerfile(spec: ScratchImageSpec): string {
  const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...spec.env };
  const lines = ['FROM scratch', 'COPY rootfs/ /'];
  for (const [name, value] of Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1))) {
    lines.push(`ENV ${name}="${value.replace(/["\\$]/g, '\\$&')}"`);
  }
  if (spec.user !== undefined) lines.push(`USER ${spec.user}`);
  if (spec.entrypoint !== undefined) lines.push(`ENTRYPOINT ${JSON.stringify(spec.entrypoint)}`);
  if (spec.command !== undefined) lines.push(`CMD ${JSON.stringify(spec.command)}`);
  return `${lines.join('\n')}\n`;
}

/** A hash of everything that decides how the image turns out, given the hash of each source. */
export function specKey(spec: ScratchImageSpec, digests: ReadonlyMap<string, string>): string {
  const byTarget = (a: { target: string }, b: { target: string }) => (a.target < b.target ? -1 : 1);
  const content = [
    FORMAT,
    scratchDockerfile(spec),
    spec.files.toSorted(byTarget).map(({ source, target, mode }) => [target, mode, digests.get(source)]),
    (spec.links ?? []).toSorted(byTarget).map(({ target, to }) => [target, to]),
    (spec.folders ?? []).toSorted(byTarget).map(({ target, mode }) => [target, mode]),
  ];
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

/**
 * Hashes every source of a spec.
 *
 * @returns the hashes by source path, and the sum of the sizes in bytes.
 * @throws ImageError `IMAGES_SOURCE_MISSING` naming all that are missing; `IMAGES_MISSING_TOOLS` when those are
 *   programs of known Debian packages.
 */
export async function digestSources(
  spec: ScratchImageSpec,
): Promise<{ readonly digests: ReadonlyMap<string, string>; readonly bytes: number }> {
  const digests = new Map<string, string>();
  const missing: string[] = [];
  let bytes = 0;
  for (const source of new Set(spec.files.map((file) => file.source))) {
    const found = await stat(source).catch(() => undefined);
    if (found?.isFile()) {
      bytes += found.size;
      digests.set(source, await digestFile(source));
    } else {
      missing.push(source);
    }
  }
  if (missing.length > 0) throw missingSources(spec.tag, missing);
  return { digests, bytes };
}

function missingSources(tag: string, missing: readonly string[]): ImageError {
  const tools = CONTENT_TOOLS.filter((tool) =>
    missing.some((source) => posix.basename(source) === tool.program),
  );
  if (tools.length === missing.length) return missingToolsError(tools);
  return new ImageError('IMAGES_SOURCE_MISSING', `${tag}: no such file: ${missing.join(', ')}`);
}

async function digestFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash);
  return hash.digest('hex');
}
