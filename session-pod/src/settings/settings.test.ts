import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { StartupError } from '../startup-error.ts';
import { parseDuration, parseSize } from './quantity.ts';
import { readSettings } from './settings.ts';
import { variables } from './variables.ts';

const KEY = '0123456789abcdef0123456789abcdef';

/** The message with which a start is refused. */
function refusal(environment: Readonly<Record<string, string>>, readFile?: (path: string) => string): string {
  try {
    readSettings(environment, readFile);
  } catch (error) {
    expect(error).toBeInstanceOf(StartupError);
    return (error as StartupError).message;
  }
  throw new Error('the settings were accepted');
}

test('nothing set: loopback only, no key, data beside the program', () => {
  const settings = readSettings({});
  expect(settings.api).toMatchObject({ host: '127.0.0.1', port: 3000, keys: { kind: 'none' } });
  expect(settings.health).toEqual({ host: '127.0.0.1', port: 3001 });
  expect(settings.dataFolder).toBe('./session-data');
  expect(settings.browser.path).toBe('/usr/bin/chromium-headless-shell');
  expect(settings.sending).toEqual({
    ratePerMinute: 60,
    maxAttempts: 8,
    ackTimeoutMs: 30_000,
    expiresAfterMs: 86_400_000,
    unproven: 'resend',
  });
});

test('with a key every address is listened on, unless another is named', () => {
  expect(readSettings({ API_KEY: KEY }).api.host).toBe('0.0.0.0');
  expect(readSettings({ API_KEY: KEY, HOST: '127.0.0.1' }).api.host).toBe('127.0.0.1');
});

test.each(['0.0.0.0', '::', '192.168.1.5', 'example.org'])('without a key %s is refused', (host) => {
  expect(refusal({ HOST: host })).toContain('API_KEY');
});

test.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('without a key %s is allowed', (host) => {
  expect(readSettings({ HOST: host }).api.host).toBe(host);
});

test('all mistakes are told together, by the name of their variable', () => {
  const told = refusal({
    PORT: 'eighty',
    SENDING_ACK_TIMEOUT: '30',
    MEDIA_MAX_SIZE: '5Gi',
    LOG_LEVEL: 'loud',
    API_KEY: 'short',
    PROXY: 'ftp://proxy',
  });
  for (const name of ['PORT', 'SENDING_ACK_TIMEOUT', 'MEDIA_MAX_SIZE', 'LOG_LEVEL', 'API_KEY', 'PROXY']) {
    expect(told).toMatch(new RegExp(`^ {2}${name}: `, 'm'));
  }
});

test('what contradicts itself is refused', () => {
  expect(refusal({ PAIRING_METHOD: 'PairingCode' })).toContain('PAIRING_PHONE_NUMBER');
  expect(refusal({ PORT: '3001' })).toContain('HEALTH_PORT');
  expect(refusal({ API_KEY: KEY, API_KEY_FILE: '/key' })).toContain('together');
});

test('an empty variable counts as not set', () => {
  expect(readSettings({ API_KEY: '', PROXY: '', HOST: '' }).api.host).toBe('127.0.0.1');
});

test('two keys are valid at once, three are not', () => {
  const { keys } = readSettings({ API_KEY: `${KEY} ${KEY}x` }).api;
  expect(keys).toEqual({ kind: 'fixed', keys: [KEY, `${KEY}x`] });
  expect(refusal({ API_KEY: `${KEY} ${KEY} ${KEY}` })).toContain('3 keys');
});

test('a key file is read at the start, so that a wrong one is noticed then', () => {
  expect(readSettings({ API_KEY_FILE: '/key' }, () => `${KEY}\n`).api.keys).toEqual({
    kind: 'file',
    path: '/key',
  });
  expect(refusal({ API_KEY_FILE: '/key' }, () => '')).toContain('no key');
  expect(refusal({ API_KEY_FILE: '/nowhere/key' })).toContain('cannot be read');
});

test('arguments of the browser are separated by blanks, and keep those within them', () => {
  const { args } = readSettings({
    BROWSER_ARGS: '--lang=de --host-resolver-rules=MAP a b, MAP c d  --mute',
  }).browser;
  expect(args).toEqual(['--lang=de', '--host-resolver-rules=MAP a b, MAP c d', '--mute']);
  expect(refusal({ BROWSER_ARGS: 'lang=de' })).toContain('--');
});

test.each([
  ['500ms', 500],
  ['30s', 30_000],
  ['1.5m', 90_000],
  ['1h30m', 5_400_000],
  ['30', undefined],
  ['-1s', undefined],
  ['s', undefined],
  ['1d', undefined],
])('%j is a duration of %j ms', (written, milliseconds) => {
  expect(parseDuration(written)).toBe(milliseconds);
});

test.each([
  ['1024', 1024],
  ['16Mi', 16_777_216],
  ['1Gi', 1_073_741_824],
  ['1.5Ki', 1536],
  ['2M', 2_000_000],
  ['16MB', undefined],
  ['', undefined],
])('%j is a size of %j bytes', (written, bytes) => {
  expect(parseSize(written)).toBe(bytes);
});

test('every default passes its own check', () => {
  for (const [name, { schema, fallback }] of Object.entries(variables)) {
    if (fallback !== undefined) expect(schema.safeParse(fallback).success, name).toBe(true);
  }
});

test('whatever the environment holds: settings, or one refusal that names variables', () => {
  const names = Object.keys(variables);
  const environment = fc.dictionary(fc.constantFrom(...names), fc.string({ unit: 'binary' }));
  fc.assert(
    fc.property(environment, (given) => {
      try {
        readSettings(given, () => KEY);
      } catch (error) {
        expect(error).toBeInstanceOf(StartupError);
      }
    }),
  );
});

describe('webhooks', () => {
  const one = { id: 'crm', url: 'https://example.com/in', secrets: ['a-secret-of-16-chars-or-more'] };
  const mistakesOf = (environment: Record<string, string>, file = ''): string => {
    try {
      readSettings(environment, () => file);
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };

  it('come inline or from a file', () => {
    const text = JSON.stringify([one]);
    for (const settings of [
      readSettings({ WEBHOOKS: text }),
      readSettings({ WEBHOOKS_FILE: '/x' }, () => text),
    ]) {
      expect(settings.webhooks.configured).toMatchObject([{ ...one, enabled: true }]);
    }
    expect(readSettings({}).webhooks.configured).toEqual([]);
  });

  it.each([
    ['no JSON', '[{"secrets": ["very-secret-indeed-0"]', 'WEBHOOKS: is not JSON'],
    ['a short secret', JSON.stringify([{ ...one, secrets: ['short'] }]), 'WEBHOOKS.0.secrets.0'],
    ['an unknown event', JSON.stringify([{ ...one, events: ['nonsense'] }]), 'WEBHOOKS.0.events.0'],
    ['the same id twice', JSON.stringify([one, one]), 'crm is there twice'],
    ['a private address', JSON.stringify([{ ...one, url: 'http://10.0.0.1/' }]), 'address is not public'],
  ])('with %s are refused, without telling a secret', (_what, text, mistake) => {
    expect(mistakesOf({ WEBHOOKS: text })).toContain(mistake);
    expect(mistakesOf({ WEBHOOKS: text })).not.toContain('secret-');
  });

  it('in two places are refused', () => {
    expect(mistakesOf({ WEBHOOKS: '[]', WEBHOOKS_FILE: '/x' }, '[]')).toContain('must not be set together');
  });
});
