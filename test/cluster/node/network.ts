import { runCommand, tryCommand } from '../../machine/command.ts';
import type { Cluster } from '../cluster.ts';

/**
 * The node's network: a namespace of its own and one veth pair. From the machine, the node, its pods and its
 * Services can be reached; the machine forwards nothing, so from inside nothing beyond the machine can.
 */
export async function createNetwork(cluster: Cluster): Promise<void> {
  const { group, link, addresses } = cluster;
  const ip = (...args: readonly string[]): Promise<string> => runCommand(['ip', ...args]);
  const inside = (...args: readonly string[]): Promise<string> => ip('-n', group, ...args);
  await ip('netns', 'add', group);
  await ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', group);
  await ip('addr', 'add', `${addresses.machine}/30`, 'dev', link);
  await ip('link', 'set', link, 'up');
  await inside('link', 'set', 'lo', 'up');
  await inside('addr', 'add', `${addresses.node}/30`, 'dev', 'eth0');
  await inside('link', 'set', 'eth0', 'up');
  await inside('route', 'add', 'default', 'via', addresses.machine);
  await ip('route', 'add', addresses.podRange, 'via', addresses.node);
  await ip('route', 'add', addresses.serviceRange, 'via', addresses.node);
  await runCommand(['ip', 'netns', 'exec', group, 'sysctl', '-qw', 'net.ipv4.ip_forward=1']);
  // NetworkPolicies between two pods of one bridge need bridged packets to pass the firewall.
  await runCommand(['ip', 'netns', 'exec', group, 'sysctl', '-qw', 'net.bridge.bridge-nf-call-iptables=1']);
}

/** Removes what {@link createNetwork} made, however far it came; the routes go with the link. */
export async function removeNetwork(group: string, link: string): Promise<void> {
  await removeIfPresent(['ip', 'link', 'del', link], ['ip', 'link', 'show', link]);
  await removeIfPresent(['ip', 'netns', 'del', group], ['test', '-e', `/run/netns/${group}`]);
}

async function removeIfPresent(remove: readonly string[], probe: readonly string[]): Promise<void> {
  if ((await tryCommand(probe)).code === 0) await runCommand(remove);
}
