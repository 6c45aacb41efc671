import { type CommandOptions, runCommand } from '../machine/command.ts';

/** The chart of this checkout. */
export const chartFolder: string = new URL('../../charts/whatsapp-operator', import.meta.url).pathname;

/** How helm and kubectl are run for one cluster. */
export interface ClusterCommands {
  readonly helm: string;
  readonly kubectl: string;
  /** KUBECONFIG and PATH. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A release of the chart: its name, where it is, and what it is installed with. */
export interface Release {
  readonly name: string;
  readonly namespace: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** Folder of the chart. Default: that of this checkout. */
  readonly chart?: string;
  /** Takes over what another release has made, a resource that was kept for instance. */
  readonly takeOwnership?: boolean;
}

/** Installs the release, or upgrades it, and returns when its pods are ready. */
export async function installRelease(
  { helm, env }: ClusterCommands,
  { name, namespace, values, chart = chartFolder, takeOwnership = false }: Release,
): Promise<string> {
  const where = ['--namespace', namespace, '--create-namespace', '--values', '-'];
  const how = ['--wait', '--timeout', '5m', ...(takeOwnership ? ['--take-ownership'] : [])];
  return await runCommand([helm, 'upgrade', '--install', name, chart, ...where, ...how], {
    env,
    input: JSON.stringify(values),
  });
}

/** Removes the release; what is annotated to be kept stays. Nothing happens when there is none. */
export async function uninstallRelease(
  { helm, env }: ClusterCommands,
  { name, namespace }: Pick<Release, 'name' | 'namespace'>,
): Promise<void> {
  await runCommand([helm, 'uninstall', name, '--namespace', namespace, '--ignore-not-found', '--wait'], {
    env,
  });
}

/** Runs kubectl. */
export const kubectl = (
  { kubectl: program, env }: ClusterCommands,
  args: readonly string[],
  options: Omit<CommandOptions, 'env'> = {},
): Promise<string> => runCommand([program, ...args], { ...options, env });
