/** The Kubernetes version that test/cluster/go.mod pins; stamped into the binaries, which else report v0.0.0. */
export const kubernetesVersion = 'v1.37.2';

/** One program that is built from the cluster's Go modules. */
export interface Program {
  /** Name of the binary. */
  readonly name: string;
  readonly package: string;
  /** Seconds of an empty-cache build in this order on two cores, as measured (docs/benchmarks.md): weighs the progress. */
  readonly expectedSeconds: number;
}

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

/** In build order. The API server comes first: most of its time goes into packages that the others share. */
export const programs: readonly Program[] = [
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

/** Arguments of `go build` for every program. */
export const buildFlags: readonly string[] = [
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

/** Environment of `go build`: without cgo the binaries run on any Linux and need no C compiler. */
export const buildEnvironment: Readonly<Record<string, string>> = { CGO_ENABLED: '0' };
