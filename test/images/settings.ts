import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { ImageError } from './errors.ts';

/**
 * Where the bases of the project's Dockerfiles come from: `stand-in` makes look-alikes from Debian packages
 * without any image registry, `registry` pulls the ordinary ones.
 */
export type BaseKind = (typeof BASE_KINDS)[number];

/** Every kind of base. */
export const BASE_KINDS = ['stand-in', 'registry'] as const;

/** Everything the image builder can be told from outside. */
export type Settings = {
  /** Folder that holds storage, archives and the lock. Absolute. */
  readonly cache: string;
  /** Which bases to build on. */
  readonly bases: BaseKind;
  /** An apt sources file to use for the stand-in bases instead of the machine's own; absolute. */
  readonly sourcesFile: string | undefined;
};

/** An environment as `process.env` has it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A setting with its documentation, printed by `--help`. */
export type SettingDoc = { readonly variable: string; readonly meaning: string };

/** The environment variables understood, in the order of the help text. */
export const SETTING_DOCS: readonly SettingDoc[] = [
  {
    variable: 'WHATSAPP_OPERATOR_IMAGES',
    meaning:
      'folder for storage and archives; default ~/.cache/whatsapp-operator/images, or below XDG_CACHE_HOME',
  },
  {
    variable: 'WHATSAPP_OPERATOR_BASES',
    meaning:
      'stand-in (default): bases made from Debian packages, no registry needed; registry: pull the ordinary ones',
  },
  {
    variable: 'WHATSAPP_OPERATOR_DEBIAN_SOURCES',
    meaning:
      'apt sources file for the stand-in bases; default: the Debian entries of this machine under /etc/apt',
  },
];

/** Commas and colons separate things in what buildah and overlay mounts are told. */
const PLAIN_PATH = /^[\p{L}\p{N}/._+@-]+$/u;

/**
 * Parses the settings out of an environment. Empty values count as unset.
 *
 * @throws ImageError `IMAGES_BAD_SETTING`, naming every bad value at once.
 */
export function readSettings(environment: Environment): Settings {
  const problems: string[] = [];
  const value = (variable: string) => environment[variable] || undefined;

  const absolute = (variable: string): string | undefined => {
    const path = value(variable);
    if (path !== undefined && !isAbsolute(path))
      problems.push(`${variable}: "${path}" is not an absolute path`);
    return path;
  };

  const bases = value('WHATSAPP_OPERATOR_BASES') ?? 'stand-in';
  if (!isBaseKind(bases))
    problems.push(`WHATSAPP_OPERATOR_BASES: "${bases}" is neither stand-in nor registry`);
  const cache =
    absolute('WHATSAPP_OPERATOR_IMAGES') ?? join(userCache(environment), 'whatsapp-operator', 'images');
  if (!PLAIN_PATH.test(cache)) {
    problems.push(`WHATSAPP_OPERATOR_IMAGES: "${cache}" has characters other than letters, digits and ._+@-`);
  }
  const sourcesFile = absolute('WHATSAPP_OPERATOR_DEBIAN_SOURCES');

  if (problems.length > 0 || !isBaseKind(bases))
    throw new ImageError('IMAGES_BAD_SETTING', problems.join('\n'));
  return { cache, bases, sourcesFile };
}

/** The user's cache folder after the XDG rules: a relative XDG_CACHE_HOME counts as unset. */
function userCache(environment: Environment): string {
  const xdg = environment['XDG_CACHE_HOME'];
  if (xdg !== undefined && isAbsolute(xdg)) return xdg;
  return join(environment['HOME'] || homedir(), '.cache');
}

function isBaseKind(value: string): value is BaseKind {
  return BASE_KINDS.some((kind) => kind === value);
}
