import type { Cluster } from '../cluster.ts';

/** How to tell that a part works, asked from outside the node. */
export type Health =
  | { readonly kind: 'http'; readonly url: string }
  /** Over TLS with the cluster's authority. */
  | { readonly kind: 'https'; readonly url: string }
  /** A command inside the node that ends with 0. */
  | { readonly kind: 'command'; readonly argv: readonly string[] }
  /** A part without a health endpoint works as long as its process runs. */
  | { readonly kind: 'process' };

/** A long-running program of the cluster, described whole: two calls with the same cluster give equal parts. */
export interface Part {
  readonly name: PartName;
  readonly argv: readonly string[];
  /** Configuration files by path. */
  readonly files: Readonly<Record<string, string>>;
  readonly health: Health;
  /** Milliseconds that a stop may take before SIGKILL. */
  readonly graceMs: number;
}

export const partNames = [
  'containerd',
  'etcd',
  'apiserver',
  'controller-manager',
  'scheduler',
  'kubelet',
  'proxy',
  'netpol',
  'provisioner',
  'kwok',
] as const;

export type PartName = (typeof partNames)[number];

export type PartBuilder = (cluster: Cluster) => Part;

export const isPartName = (text: string): text is PartName => (partNames as readonly string[]).includes(text);

/** A command line from `{flag: value}`: `--flag=value` each, in order. */
export const flags = (values: Readonly<Record<string, string | number | boolean>>): readonly string[] =>
  Object.entries(values).map(([flag, value]) => `--${flag}=${value}`);
