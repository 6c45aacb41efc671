import { describe, expect, it } from 'vitest';
import { parseHierarchies } from './hierarchies.ts';

const line = (mountPoint: string, type: string, options: string): string =>
  `31 28 0:27 / ${mountPoint} rw,relatime shared:12 - ${type} cgroup rw,${options}`;

describe('the cgroup hierarchies', () => {
  it('of a version 1 machine are one per mount, with joint controllers kept together', () => {
    const found = parseHierarchies(
      [
        line('/sys/fs/cgroup/cpu,cpuacct', 'cgroup', 'cpu,cpuacct'),
        line('/sys/fs/cgroup/memory', 'cgroup', 'memory'),
        line('/sys/fs/cgroup/systemd', 'cgroup', 'xattr,name=systemd'),
        line('/sys/fs/cgroup/unified', 'cgroup2', 'nsdelegate'),
        line('/proc', 'proc', ''),
      ].join('\n'),
    );
    expect(found.map(({ folder, options }) => [folder, options])).toEqual([
      ['cpu,cpuacct', 'cpu,cpuacct'],
      ['memory', 'memory'],
      ['systemd', 'none,name=systemd'],
    ]);
    expect(found[0]?.controllers).toEqual(['cpu', 'cpuacct']);
  });

  it('of a version 2 machine are one', () => {
    expect(parseHierarchies(line('/sys/fs/cgroup', 'cgroup2', 'nsdelegate'))).toEqual([
      { version: 2, mountPoint: '/sys/fs/cgroup', folder: '', options: '', controllers: [] },
    ]);
  });

  it('count once when they are mounted twice', () => {
    const mounts = [
      line('/sys/fs/cgroup/memory', 'cgroup', 'memory'),
      line('/mnt/memory', 'cgroup', 'memory'),
    ];
    expect(parseHierarchies(mounts.join('\n'))).toHaveLength(1);
  });

  it('are none where nothing is mounted', () => {
    expect(parseHierarchies('')).toEqual([]);
  });
});
