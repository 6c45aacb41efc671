import { chmod, cp, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * The packages that a program needs beside it, taken from an installed node_modules.
 *
 * Guarantees: exactly what the lock file names for production, at its versions, unmodified, in the places where
 * `npm ci` put it; nothing is fetched and npm is not run, so an image can be built where no package source is.
 * Left out: optional dependencies, which a package works without, and optional peers.
 */

/** What package-lock.json (version 3) says of one installed package. */
export interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** The `packages` of a lock file, by their folder relative to the root of the checkout. */
export type LockedPackages = Readonly<Record<string, LockedPackage>>;

/** A lock file that cannot be followed, or a node_modules that does not match it. */
export class ClosureError extends Error {
  /** `package_not_locked` | `package_not_installed` */
  readonly code: 'package_not_locked' | 'package_not_installed';

  constructor(code: ClosureError['code'], message: string) {
    super(message);
    this.name = 'ClosureError';
    this.code = code;
  }
}

/** The folder of the package that `name` means in the folder `from`: the nearest node_modules upwards that has it. */
function resolve(packages: LockedPackages, from: string, name: string): string | undefined {
  for (let at = from; ; at = parentOf(at)) {
    const folder = `${at === '' ? '' : `${at}/`}node_modules/${name}`;
    if (packages[folder] !== undefined) return folder;
    if (at === '') return undefined;
  }
}

/** `a/node_modules/b` is inside `a`, and `node_modules/b` inside the root, which is `''`. */
function parentOf(folder: string): string {
  const at = folder.lastIndexOf('node_modules/');
  return at <= 0 ? '' : folder.slice(0, at - 1);
}

/**
 * The folders of `roots` and of everything that they depend on, sorted.
 *
 * @param workspace folder of the workspace that depends on the roots: its own node_modules comes first.
 * @throws ClosureError `package_not_locked`
 */
export function closureOf(
  packages: LockedPackages,
  workspace: string,
  roots: readonly string[],
): readonly string[] {
  const found = new Set<string>();
  const open = roots.map((name) => ({ from: workspace, name }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const folder = resolve(packages, next.from, next.name);
    if (folder === undefined) {
      throw new ClosureError(
        'package_not_locked',
        `package-lock.json has no ${next.name}, which ${next.from || 'the root'} depends on`,
      );
    }
    if (found.has(folder)) continue;
    found.add(folder);
    for (const name of Object.keys(packages[folder]?.dependencies ?? {})) open.push({ from: folder, name });
  }
  return [...found].sort();
}

/**
 * Copies `roots` with everything that they depend on into `target`/node_modules, which is emptied first, and
 * returns how many packages that were. Packages of the workspace's own node_modules land where the others do.
 *
 * @throws ClosureError `package_not_installed` when what is installed is not what is locked.
 */
export async function copyClosure(
  repository: string,
  workspace: string,
  roots: readonly string[],
  target: string,
): Promise<number> {
  const locked = await readPackages(join(repository, 'package-lock.json'));
  // npm writes down there what it really installed.
  const installed = await readPackages(join(repository, 'node_modules/.package-lock.json'));
  const folders = closureOf(locked, workspace, roots);
  await rm(join(target, 'node_modules'), { recursive: true, force: true });
  for (const folder of folders) {
    if (locked[folder]?.integrity !== installed[folder]?.integrity) {
      throw new ClosureError(
        'package_not_installed',
        `${folder} is not installed as package-lock.json has it: run npm ci`,
      );
    }
    const destination = join(target, folder.replace(`${workspace}/`, ''));
    await mkdir(dirname(destination), { recursive: true });
    await cp(join(repository, folder), destination, {
      recursive: true,
      // Packages inside a package are in the closure themselves, or not wanted.
      filter: (source) => !source.slice(join(repository, folder).length).includes('/node_modules'),
    });
  }
  await openToAll(join(target, 'node_modules'));
  return folders.length;
}

/** Gives every file the mode that it has in a package: a checkout may be readable by its owner alone. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openToAll(path);
    else if (entry.isFile()) await chmod(path, ((await stat(path)).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}

async function readPackages(file: string): Promise<LockedPackages> {
  try {
    return (JSON.parse(await readFile(file, 'utf8')) as { readonly packages: LockedPackages }).packages;
  } catch (cause) {
    throw new ClosureError('package_not_installed', `cannot read ${file} (${String(cause)}): run npm ci`);
  }
}
