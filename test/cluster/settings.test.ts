import { describe, expect, it } from 'vitest';
import { readSettings } from './settings.ts';

describe('the settings of the cluster tool', () => {
  it('have defaults for everything', () => {
    expect(readSettings({})).toMatchObject({
      target: { kind: 'local', name: 'default' },
      stateDir: '/var/lib/whatsapp-operator/clusters',
      cacheDir: expect.stringMatching(/\/whatsapp-operator$/),
      range: undefined,
    });
  });

  it('take an existing cluster by the name existing', () => {
    expect(readSettings({ CLUSTER: 'existing' }).target).toEqual({ kind: 'existing' });
  });

  it('keep the cache below XDG_CACHE_HOME, unless it is named itself', () => {
    expect(readSettings({ XDG_CACHE_HOME: '/cache' }).cacheDir).toBe('/cache/whatsapp-operator');
    expect(readSettings({ XDG_CACHE_HOME: '/cache', CLUSTER_CACHE_DIR: '/other' }).cacheDir).toBe('/other');
  });

  it.each([
    { CLUSTER: 'Big' },
    { CLUSTER: '-a' },
    { CLUSTER: 'a/../../etc' },
    { CLUSTER: 'a'.repeat(21) },
    { CLUSTER_RANGE: '10.300.0.0/16' },
    { CLUSTER_RANGE: '192.168.0.0/16' },
    { CLUSTER_STATE_DIR: 'relative' },
    { CLUSTER_CACHE_DIR: "/with'quote" },
  ])('refuse %o', (env) => {
    expect(() => readSettings(env)).toThrow(Object.values(env)[0]);
  });

  it('report every error at once', () => {
    expect(() => readSettings({ CLUSTER: 'Big', CLUSTER_RANGE: 'none' })).toThrow(
      /CLUSTER=Big[\s\S]*CLUSTER_RANGE=none/,
    );
  });
});
