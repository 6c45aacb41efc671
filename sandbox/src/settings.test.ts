import { expect, test } from 'vitest';
import { readSettings } from './settings.ts';

test('without any variable everything has a default', () => {
  expect(readSettings({})).toMatchObject({
    host: '127.0.0.1',
    webPort: 8443,
    controlPort: 8080,
    advertisedAddress: undefined,
    accounts: ['491510000001'],
    autoLink: true,
    timing: { serverMs: 10, qrRefs: 6 },
  });
});

test('accounts are numbered from the first on', () => {
  const { accounts } = readSettings({ SANDBOX_ACCOUNTS: '3', SANDBOX_FIRST_NUMBER: '4915199999999' });
  expect(accounts).toEqual(['4915199999999', '4915200000000', '4915200000001']);
});

test('a delay is set by its name', () => {
  expect(readSettings({ SANDBOX_TIMING_QR_FIRST_MS: '5' }).timing.qrFirstMs).toBe(5);
});

test('all mistakes are told at once', () => {
  const read = () =>
    readSettings({
      SANDBOX_WEB_PORT: '99999',
      SANDBOX_AUTO_LINK: 'perhaps',
      SANDBOX_TIMING_SERVER_MS: 'soon',
      SANDBOX_ADVERTISED_ADDRESS: 'nowhere',
    });
  expect(read).toThrow(
    /SANDBOX_WEB_PORT[\s\S]*SANDBOX_ADVERTISED_ADDRESS[\s\S]*SANDBOX_AUTO_LINK[\s\S]*SANDBOX_TIMING_SERVER_MS/,
  );
  expect(read).toThrow(expect.objectContaining({ code: 'SETTINGS_INVALID' }));
});
