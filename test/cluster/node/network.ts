import { runCommand, tryCommand } from '../../machine/command.ts';
import type { Cluster } from '../cluster.ts';

/**
 * The node's network: the namespace of its first process and one veth pair into it, so both are gone when that
 * process is. From the machine, the node, its pods and its Services can be reached; the machine forwards
 * nothing, so from inside nothing beyond the machine can.
 */
export async function createNetwork(cluster: Cluster, initPid: number): Promise<void> {
  const { link, addresses } = cluster;
  const outside = (...args: readonly string[]): Promise<string> => runCommand(['ip', ...args]);
  const inside = (...argv: readonly string[]): Promise<string> =>
    runCommand(['nsenter', '-t', String(initPid), '-n', ...argv]);
  await outside('link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(initPid));
  await outside('addr', 'add', `${addresses.machine}/30`, 'dev', link);
  await outside('link', 'set', link, 'up');
  await inside('ip', 'link', 'set', 'lo', 'up');
  await inside('ip', 'addr', 'add', `${addresses.node}/30`, 'dev', 'eth0');
  await inside('ip', 'link', 'set', 'eth0', 'up');
  await inside('ip', 'route', 'add', 'default', 'via', addresses.machine);
  await outside('route', 'add', addresses.podRange, 'via', addresses.node);
  await outside('route', 'add', addresses.serviceRange, 'via', addresses.node);
  await inside('sysctl', '-qw', 'net.ipv4.ip_forward=1');
  // NetworkPolicies between two pods of one bridge need bridged packets to pass the firewall.
  await inside('sysctl', '-qw', 'net.bridge.bridge-nf-call-iptables=1');
}

/** Removes the link if the kernel has not done so yet: a namespace lives a moment longer than its last process. */
export async function removeNetwork(link: string): Promise<void> {
  const present = async (): Promise<boolean> => (await tryCommand(['ip', 'link', 'show', link])).code === 0;
  if (!(await present())) return;
  const removed = await tryCommand(['ip', 'link', 'del', link]);
  if (removed.code !== 0 && (await present())) await runCommand(['ip', 'link', 'del', link]);
}
