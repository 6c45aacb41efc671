/** A command that the cluster or its images need, and the Debian package that has it. */
export interface Requirement {
  readonly command: string;
  readonly package: string;
}

const requirement = (command: string, packageName: string): Requirement => ({
  command,
  package: packageName,
});

/** Sorted by package. Debian's names; Ubuntu's are the same. */
export const requirements: readonly Requirement[] = [
  requirement('buildah', 'buildah'),
  requirement('busybox', 'busybox-static'),
  requirement('catatonit', 'catatonit'),
  requirement('conntrack', 'conntrack'),
  requirement('mkfs.ext4', 'e2fsprogs'),
  requirement('ethtool', 'ethtool'),
  requirement('go', 'golang-go'),
  requirement('ip', 'iproute2'),
  requirement('ipset', 'ipset'),
  requirement('iptables', 'iptables'),
  requirement('mmdebstrap', 'mmdebstrap'),
  requirement('nft', 'nftables'),
  requirement('openssl', 'openssl'),
  requirement('sysctl', 'procps'),
  requirement('runc', 'runc'),
  requirement('socat', 'socat'),
  requirement('flock', 'util-linux'),
  requirement('nsenter', 'util-linux'),
  requirement('unshare', 'util-linux'),
];

/** The oldest Go that can fetch the toolchain that go.mod asks for by itself. */
export const oldestGo = { major: 1, minor: 21 } as const;

/** Free memory below which pods would be evicted or the machine would swap, in bytes. */
export const wantedMemoryBytes = 3 * 1024 ** 3;

/** Free disk for a run on built binaries: images, volumes and logs. */
export const wantedDiskBytes = 3 * 1024 ** 3;

/** Free disk for a first build: modules 1 GB, Go's build cache 3 GB, binaries 0.9 GB, and the run itself. */
export const wantedBuildDiskBytes = 8 * 1024 ** 3;
