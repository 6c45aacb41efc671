import { homedir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../machine/failure.ts';

/** What the environment says about the cluster to work on. */
export type Target =
  /** A cluster that this tool makes on this machine, under its name. */
  | { readonly kind: 'local'; readonly name: string }
  /** Whatever the current kubeconfig context points at: kind, minikube, a real cluster. */
  | { readonly kind: 'existing' };

export interface Settings {
  readonly target: Target;
  /** Folder that holds one folder per local cluster. `CLUSTER_STATE_DIR`, default /var/lib/whatsapp-operator/clusters. */
  readonly stateDir: string;
  /** Folder for built binaries and images. `CLUSTER_CACHE_DIR`, default $XDG_CACHE_HOME/whatsapp-operator. */
  readonly cacheDir: string;
  /** The /16 that a new cluster takes, or undefined for the first free one. `CLUSTER_RANGE`, e.g. 10.161.0.0/16. */
  readonly range: string | undefined;
}

/** Long names would not fit into an interface's or a cgroup's name with room for what is added. */
const namePattern = /^[a-z]([-a-z0-9]{0,18}[a-z0-9])?$/;

/**
 * Reads the settings: `CLUSTER` (a name, default `default`, or `existing`), and those of {@link Settings}.
 * Throws `bad_settings` with every error at once.
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const errors: string[] = [];
  const name = env['CLUSTER'] || 'default';
  if (!namePattern.test(name)) {
    errors.push(`CLUSTER=${name}: want 1 to 20 of a-z, 0-9 and "-", beginning with a letter`);
  }
  const range = env['CLUSTER_RANGE'] || undefined;
  if (range !== undefined && !/^10\.(\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])\.0\.0\/16$/.test(range)) {
    errors.push(`CLUSTER_RANGE=${range}: want 10.N.0.0/16`);
  }
  const stateDir = env['CLUSTER_STATE_DIR'] || '/var/lib/whatsapp-operator/clusters';
  const cacheDir =
    env['CLUSTER_CACHE_DIR'] || join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'whatsapp-operator');
  for (const [key, dir] of [
    ['CLUSTER_STATE_DIR', stateDir],
    ['CLUSTER_CACHE_DIR', cacheDir],
  ] as const) {
    if (!/^\/[-\w./]+$/.test(dir)) errors.push(`${key}=${dir}: want an absolute path without spaces`);
  }
  if (errors.length > 0) throw new Failure('bad_settings', errors.join('\n'));
  const target: Target = name === 'existing' ? { kind: 'existing' } : { kind: 'local', name };
  return { target, stateDir, cacheDir, range };
}
