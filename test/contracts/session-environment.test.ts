import { expect, test } from 'vitest';
import { operatorEnvironment, type WhatsAppSession } from '../../api/src/resource/index.ts';
import { podEnvironment } from '../../operator/src/session/children/pod-environment.ts';
import { podInputs } from '../../operator/src/session/pod-inputs.ts';
import { sessionOf } from '../../operator/src/session/testing/factories.ts';
import { readSettings } from '../../session-pod/src/settings/settings.ts';
import { variables } from '../../session-pod/src/settings/variables.ts';

/** What the operator writes into a pod and what the program in it reads are one list, held together here. */

const KEY = '0123456789abcdef0123456789abcdef';

/** The environment of a session's container, a Secret's value in its place. */
const environmentOf = (session: WhatsAppSession): Readonly<Record<string, string>> =>
  Object.fromEntries(
    podEnvironment(session, podInputs(session, 'session:1')).map(({ name, value }) => [
      name,
      value ?? 'socks5://proxy.example:1080',
    ]),
  );

const settingsOf = (session: WhatsAppSession) => readSettings(environmentOf(session), () => KEY);

test('every variable that the operator sets is one that the session pod reads', () => {
  expect(operatorEnvironment.filter((name) => !(name in variables))).toEqual([]);
});

test('every variable that the pod gets is one of that list, but for HOME, which is the system’s', () => {
  const known: readonly string[] = [...operatorEnvironment, 'HOME'];
  const session = sessionOf({ proxy: { secretRef: { name: 'proxy', key: 'url' } } });
  expect(Object.keys(environmentOf(session)).filter((name) => !known.includes(name))).toEqual([]);
});

test('a session of which nothing is said: the defaults of the resource are those of the session pod', () => {
  const { sending, browser, pairing } = readSettings({});
  expect(settingsOf(sessionOf({}))).toMatchObject({ sending, browser, pairing });
});

test('what is said of a session is what its pod does', () => {
  const settings = settingsOf(
    sessionOf({
      pairing: { method: 'PairingCode', phoneNumber: '491510000001' },
      sending: { ratePerMinute: 7, maxAttempts: 2, ackTimeout: '10s', expiresAfter: '1h', unproven: 'Hold' },
      browser: {
        flavor: 'Chromium',
        args: ['--lang=de', '--mute-audio'],
        seccompProfile: 'profiles/chromium.json',
      },
      proxy: { secretRef: { name: 'proxy', key: 'url' } },
    }),
  );
  expect(settings).toMatchObject({
    pairing: { method: 'PairingCode', phoneNumber: '491510000001' },
    sending: {
      ratePerMinute: 7,
      maxAttempts: 2,
      ackTimeoutMs: 10_000,
      expiresAfterMs: 3_600_000,
      unproven: 'hold',
    },
    browser: {
      flavor: 'Chromium',
      path: '/usr/bin/chromium',
      args: ['--lang=de', '--mute-audio'],
      sandbox: true,
      proxy: 'socks5://proxy.example:1080',
    },
    shutdownTimeoutMs: 30_000,
  });
});
