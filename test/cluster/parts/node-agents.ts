import { join } from 'node:path';
import type { Cluster } from '../cluster.ts';
import { partKubeconfig } from '../control/kubeconfig.ts';
import { containerdSocket } from './containerd.ts';
import { flags, type Part } from './part.ts';

export function kubelet(cluster: Cluster): Part {
  const config = join(cluster.paths.conf, 'kubelet.json');
  const { addresses, paths } = cluster;
  return {
    name: 'kubelet',
    argv: [
      'kubelet',
      ...flags({
        config,
        'hostname-override': cluster.nodeName,
        kubeconfig: partKubeconfig(cluster, 'kubelet'),
        'node-ip': addresses.node,
        'root-dir': paths.kubelet,
      }),
    ],
    files: {
      [config]: JSON.stringify({
        apiVersion: 'kubelet.config.k8s.io/v1beta1',
        kind: 'KubeletConfiguration',
        authentication: {
          anonymous: { enabled: false },
          webhook: { enabled: true },
          x509: { clientCAFile: join(paths.pki, 'ca.crt') },
        },
        authorization: { mode: 'Webhook' },
        cgroupDriver: 'cgroupfs',
        clusterDNS: [addresses.dnsService],
        clusterDomain: 'cluster.local',
        containerRuntimeEndpoint: `unix://${containerdSocket}`,
        // Images are few and loaded by hand: what the kubelet threw away could not be pulled again.
        imageGCHighThresholdPercent: 100,
        evictionHard: {
          'memory.available': '100Mi',
          'nodefs.available': '1%',
          'imagefs.available': '1%',
          'nodefs.inodesFree': '1%',
        },
        failCgroupV1: false,
        failSwapOn: false,
        healthzBindAddress: '0.0.0.0',
        maxPods: 250,
        // The machine's /var/log/pods is the same for every cluster, and each would tidy away the logs of the others.
        podLogsDir: paths.podLogs,
        oomScoreAdj: 0,
        // The machine's resolver is of no use inside: names outside the cluster do not resolve, by design.
        resolvConf: '',
        // Quicker than the defaults for what a person or a test waits for on one node.
        nodeStatusReportFrequency: '1m0s',
        nodeStatusUpdateFrequency: '5s',
        serializeImagePulls: false,
        shutdownGracePeriod: '0s',
        tlsCertFile: join(paths.pki, 'kubelet.crt'),
        tlsPrivateKeyFile: join(paths.pki, 'kubelet.key'),
      }),
    },
    health: { kind: 'http', url: `http://${addresses.node}:10248/healthz` },
    graceMs: 5000,
  };
}

export function proxy(cluster: Cluster): Part {
  const config = join(cluster.paths.conf, 'proxy.json');
  return {
    name: 'proxy',
    argv: ['kube-proxy', ...flags({ config })],
    files: {
      [config]: JSON.stringify({
        apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
        kind: 'KubeProxyConfiguration',
        clientConnection: { kubeconfig: partKubeconfig(cluster, 'proxy') },
        clusterCIDR: cluster.addresses.podRange,
        // The limits of connection tracking belong to the machine, not to a namespace of it.
        conntrack: { maxPerCore: 0, min: 0 },
        healthzBindAddress: '0.0.0.0:10256',
        hostnameOverride: cluster.nodeName,
        metricsBindAddress: '0.0.0.0:10249',
        mode: 'nftables',
        oomScoreAdj: 0,
      }),
    },
    health: { kind: 'http', url: `http://${cluster.addresses.node}:10256/livez` },
    graceMs: 5000,
  };
}

/** Enforces NetworkPolicies, which the bridge plugin does not: see cmd/netpol. */
export function netpol(cluster: Cluster): Part {
  return {
    name: 'netpol',
    argv: [
      'netpol',
      ...flags({
        'hostname-override': cluster.nodeName,
        kubeconfig: partKubeconfig(cluster, 'netpol'),
        'service-cluster-ip-range': cluster.addresses.serviceRange,
      }),
    ],
    files: {},
    health: { kind: 'process' },
    graceMs: 5000,
  };
}
