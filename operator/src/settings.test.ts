import { expect, test } from 'vitest';
import { readSettings } from './settings.ts';

test('an image of sessions is all that has to be said', () => {
  const settings = readSettings({ SESSION_IMAGE: 'session:1', POD_NAMESPACE: 'operators' });
  expect(settings).toMatchObject({
    namespaces: [],
    healthPort: 8080,
    workers: 16,
    election: { namespace: 'operators', name: 'whatsapp-operator' },
    logLevel: 'info',
    sessions: { defaultImage: 'session:1', maxUpdating: 5, updateTimeoutMs: 300_000 },
  });
  expect(settings.sessions.network).toEqual({
    apiFrom: [{ namespaceSelector: {} }],
    healthFrom: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'operators' } } }],
    extraEgress: [],
  });
});

test('an empty variable counts as not set', () => {
  expect(readSettings({ SESSION_IMAGE: 's', WORKERS: '', WATCH_NAMESPACES: '' }).workers).toBe(16);
});

test('namespaces are a list', () => {
  expect(readSettings({ SESSION_IMAGE: 's', WATCH_NAMESPACES: 'a, b,' }).namespaces).toEqual(['a', 'b']);
});

test('outside of a cluster no policy could name the operator, so the health port is open', () => {
  expect(readSettings({ SESSION_IMAGE: 's' }).sessions.network.healthFrom).toBeUndefined();
});

test('every mistake is told at once, by the name of its variable', () => {
  const wrong = {
    WATCH_NAMESPACES: 'A b',
    HEALTH_PORT: '99999',
    WORKERS: 'many',
    LEADER_ELECTION: 'perhaps',
    MAX_UPDATING: '0',
    UPDATE_TIMEOUT: '5 minutes',
    NETWORK_API_FROM: '{}',
    LOG_LEVEL: 'loud',
  };
  for (const name of ['SESSION_IMAGE', ...Object.keys(wrong)])
    expect(() => readSettings(wrong)).toThrow(new RegExp(`^  ${name}`, 'm'));
});
