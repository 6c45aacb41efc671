import { kwokStages, readKwokStages } from './kwok-stages.ts';
import type { Program, ProgramSet } from './program-set.ts';

/** The Kubernetes version that test/cluster/go.mod pins; stamped into the binaries, which else report v0.0.0. */
export const kubernetesVersion = 'v1.37.2';

const kubernetes = (name: string, expectedSeconds: number): Program => ({
  name,
  package: `k8s.io/kubernetes/cmd/${name}`,
  expectedSeconds,
});
const containerd = (name: string, expectedSeconds: number): Program => ({
  name,
  package: `github.com/containerd/containerd/v2/cmd/${name}`,
  expectedSeconds,
});
const cni = (path: string): Program => ({
  name: path.split('/').at(-1) ?? path,
  package: `github.com/containernetworking/plugins/plugins/${path}`,
  expectedSeconds: 1,
});

/** The API server comes first: most of its time goes into packages that the others share. */
const programs: readonly Program[] = [
  kubernetes('kube-apiserver', 340),
  { name: 'etcd', package: 'go.etcd.io/etcd/server/v3', expectedSeconds: 12 },
  kubernetes('kubectl', 23),
  kubernetes('kube-controller-manager', 99),
  kubernetes('kube-scheduler', 9),
  containerd('containerd', 52),
  containerd('containerd-shim-runc-v2', 1),
  containerd('ctr', 6),
  kubernetes('kubelet', 25),
  kubernetes('kube-proxy', 8),
  cni('ipam/host-local'),
  cni('main/bridge'),
  cni('main/loopback'),
  cni('meta/portmap'),
  { name: 'coredns', package: './cmd/coredns', expectedSeconds: 10 },
  { name: 'netpol', package: './cmd/netpol', expectedSeconds: 4 },
  {
    name: 'local-path-provisioner',
    package: 'github.com/rancher/local-path-provisioner',
    expectedSeconds: 4,
  },
  { name: 'kwok', package: 'sigs.k8s.io/kwok/cmd/kwok', expectedSeconds: 10 },
  { name: 'helm', package: 'helm.sh/helm/v4/cmd/helm', expectedSeconds: 15 },
];

const stamp = (variable: string, value: string): string => `-X ${variable}=${value}`;
const [major = '', minor = ''] = kubernetesVersion.slice(1).split('.');

const flags: readonly string[] = [
  '-trimpath',
  // containerd's btrfs snapshotter needs cgo and is not used.
  '-tags=no_btrfs',
  `-ldflags=-s -w ${[
    stamp('k8s.io/component-base/version.gitVersion', kubernetesVersion),
    stamp('k8s.io/component-base/version.gitMajor', major),
    stamp('k8s.io/component-base/version.gitMinor', minor),
    stamp('k8s.io/client-go/pkg/version.gitVersion', kubernetesVersion),
  ].join(' ')}`,
];

/** Without cgo the binaries run on any Linux and need no C compiler. */
export const staticBuild: Readonly<Record<string, string>> = { CGO_ENABLED: '0' };

/** Everything that a local cluster consists of. */
export const clusterPrograms: ProgramSet = {
  name: 'cluster',
  purpose: 'the cluster',
  moduleDir: new URL('..', import.meta.url).pathname,
  programs,
  flags,
  environment: staticBuild,
  firstBuild: 'some 10 to 25 minutes',
  files: [{ name: kwokStages, make: () => readKwokStages(new URL('..', import.meta.url).pathname) }],
};
