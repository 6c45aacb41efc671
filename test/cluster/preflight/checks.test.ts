import { describe, expect, it } from 'vitest';
import { type Facts, findProblems } from './checks.ts';

const goodMachine: Facts = {
  platform: 'linux',
  arch: 'x64',
  root: true,
  packageManager: 'debian',
  missingCommands: [],
  goVersion: 'go1.26.8',
  availableMemoryBytes: 20 * 1024 ** 3,
  freeDisk: [{ folder: '/var/lib', bytes: 80 * 1024 ** 3 }],
  programsToBuild: 19,
  cgroups: 'v1',
  hasBridgeFirewall: true,
  filesystems: ['ext4', 'overlay'],
  networksInUse: ['172.16.0.0/24'],
  wantedRange: undefined,
};

describe('the preflight', () => {
  it('finds nothing wrong with a machine that has everything', () => {
    expect(findProblems(goodMachine)).toEqual([]);
  });

  const cases: readonly (Partial<Facts> & { readonly finds: string })[] = [
    { finds: 'needs Linux', platform: 'darwin' },
    { finds: 'not root', root: false },
    { finds: 'runc', missingCommands: ['runc'] },
    { finds: 'Go is go1.19.8', goVersion: 'go1.19.8' },
    { finds: 'of memory available', availableMemoryBytes: 1024 ** 3 },
    { finds: 'free for /var/lib', freeDisk: [{ folder: '/var/lib', bytes: 5 * 1024 ** 3 }] },
    { finds: 'no cgroups', cgroups: 'none' },
    { finds: 'overlay', filesystems: ['ext4'] },
    { finds: 'br_netfilter', hasBridgeFirewall: false },
    { finds: 'overlaps 10.161.0.0/20', wantedRange: '10.161.0.0/16', networksInUse: ['10.161.0.0/20'] },
    { finds: 'every range', networksInUse: ['10.0.0.0/8'] },
  ];

  it.each(cases)('says "$finds" and what to do about it', ({ finds, ...facts }) => {
    const problems = findProblems({ ...goodMachine, ...facts });
    expect(problems).toHaveLength(1);
    expect(problems[0]?.what).toContain(finds);
    expect(problems[0]?.remedy).not.toBe('');
  });

  it('names everything at once, and the packages that solve what packages can', () => {
    const problems = findProblems({
      ...goodMachine,
      root: false,
      missingCommands: ['nsenter', 'unshare', 'runc'],
      availableMemoryBytes: 0,
    });
    expect(problems).toHaveLength(3);
    expect(problems.flatMap((problem) => problem.packages ?? [])).toEqual(['runc', 'util-linux']);
  });

  it('does without Go when nothing is left to build', () => {
    const withoutGo = { ...goodMachine, missingCommands: ['go'], goVersion: undefined };
    expect(findProblems(withoutGo)).toHaveLength(1);
    expect(findProblems({ ...withoutGo, programsToBuild: 0 })).toEqual([]);
  });

  it('asks for less disk when nothing is left to build', () => {
    const freeDisk = [{ folder: '/var/lib', bytes: 5 * 1024 ** 3 }];
    expect(findProblems({ ...goodMachine, freeDisk, programsToBuild: 0 })).toEqual([]);
  });
});
