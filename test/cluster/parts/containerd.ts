import { join } from 'node:path';
import { pauseImage } from '../addons/system-images.ts';
import type { Cluster } from '../cluster.ts';
import type { Part } from './part.ts';

/** In the node's own /run: short enough for a socket, and gone with the node. */
export const containerdSocket = '/run/containerd/containerd.sock';

/** `ctr` on the images that the kubelet sees. */
export const ctr = (...args: readonly string[]): readonly string[] => [
  'ctr',
  '--address',
  containerdSocket,
  '--namespace',
  'k8s.io',
  ...args,
];

export function containerd(cluster: Cluster): Part {
  const config = join(cluster.paths.conf, 'containerd.toml');
  const cniDir = join(cluster.paths.conf, 'cni');
  return {
    name: 'containerd',
    argv: ['containerd', '--config', config],
    files: {
      [config]: containerdConfig(cluster, cniDir),
      [join(cniDir, '10-pods.conflist')]: podNetwork(cluster),
    },
    health: { kind: 'command', argv: ctr('version') },
    graceMs: 5000,
  };
}

const containerdConfig = (cluster: Cluster, cniDir: string): string => `version = 3
root = "${cluster.paths.containerd}"
state = "/run/containerd"
[grpc]
  address = "${containerdSocket}"
[plugins.'io.containerd.cri.v1.images']
  snapshotter = "overlayfs"
  [plugins.'io.containerd.cri.v1.images'.pinned_images]
    sandbox = "${pauseImage}"
[plugins.'io.containerd.cri.v1.runtime']
  # Lowering a score below the one we were given needs CAP_SYS_RESOURCE, which a container or VM may not have.
  restrict_oom_score_adj = true
  [plugins.'io.containerd.cri.v1.runtime'.cni]
    bin_dirs = ["${cluster.binDir}"]
    conf_dir = "${cniDir}"
  [plugins.'io.containerd.cri.v1.runtime'.containerd]
    default_runtime_name = "runc"
    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
        SystemdCgroup = false
`;

const podNetwork = (cluster: Cluster): string =>
  JSON.stringify({
    cniVersion: '1.0.0',
    name: 'pods',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        ipMasq: true,
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet: cluster.addresses.podRange }]],
          routes: [{ dst: '0.0.0.0/0' }],
          dataDir: '/run/cni-ipam',
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  });
