import { describe, expect, it } from 'vitest';
import { describeCluster } from '../cluster.ts';
import { partOf } from './index.ts';
import { isPartName, partNames } from './part.ts';

const cluster = describeCluster('/state', 'one', '10.170.0.0/16', '/bin-dir');
const other = describeCluster('/state', 'two', '10.171.0.0/16', '/bin-dir');

describe.each(partNames)('the part %s', (name) => {
  const part = partOf(cluster, name);

  it('is the same for the same cluster', () => {
    expect(partOf(cluster, name)).toEqual(part);
    expect(part.name).toBe(name);
  });

  it('has nothing of another cluster in it', () => {
    expect(JSON.stringify(part)).not.toMatch(/10\.171\.|\/state\/two/);
    expect(JSON.stringify(partOf(other, name))).not.toMatch(/10\.170\.|\/state\/one/);
  });

  it('keeps its files below the folder of the cluster', () => {
    for (const path of Object.keys(part.files)) expect(path).toMatch(/^\/state\/one\//);
  });
});

describe('the kubelet', () => {
  it('keeps the logs of pods where no other cluster tidies up', () => {
    const [config = ''] = Object.values(partOf(cluster, 'kubelet').files);
    expect(JSON.parse(config)).toMatchObject({ podLogsDir: '/state/one/pod-logs' });
  });
});

describe('a part name', () => {
  it('is one of the list', () => {
    expect(isPartName('kubelet')).toBe(true);
    expect(isPartName('kubelt')).toBe(false);
  });
});
