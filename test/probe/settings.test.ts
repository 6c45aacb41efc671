import { describe, expect, it } from 'vitest';
import { readSettings } from './settings.ts';

describe('the settings of the probe', () => {
  it('default to port 8080 and the folder /data', () => {
    expect(readSettings({})).toEqual({ port: 8080, dataDir: '/data' });
  });

  it('come from the environment', () => {
    expect(readSettings({ PORT: '0', DATA_DIR: '/tmp/d' })).toEqual({ port: 0, dataDir: '/tmp/d' });
  });

  it.each(['http', '-1', '65536', '80.5', ' 80'])('refuse the port "%s"', (port) => {
    expect(() => readSettings({ PORT: port })).toThrow('is not a TCP port');
  });
});
