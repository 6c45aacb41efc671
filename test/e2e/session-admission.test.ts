import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { openClient } from '../../operator/src/connect.ts';
import { kubeConfigAccess } from '../../operator/src/kube/credentials.ts';
import type { ApiError } from '../../operator/src/kube/errors.ts';
import type { KubeObject } from '../../operator/src/kube/objects.ts';
import { sessions } from '../../operator/src/session/session-resource.ts';
import { applyCrd } from './crd.ts';
import { createNamespace, type TestNamespace } from './namespace.ts';

/** What the API server itself says to a WhatsAppSession. No operator runs. */
let namespace: TestNamespace;
let opened: ReturnType<typeof openClient>;

beforeAll(async () => {
  namespace = await createNamespace('admission');
  opened = openClient(kubeConfigAccess(namespace.target.kubeConfig), { name: 'test' });
  await applyCrd(opened.client);
});
afterAll(async () => {
  await opened.connection.close();
  await namespace.dispose();
});

const object = (name: string, spec: unknown): never =>
  ({
    apiVersion: 'whatsapp-operator.io/v1alpha1',
    kind: 'WhatsAppSession',
    metadata: { name, namespace: namespace.name },
    ...(spec === undefined ? {} : { spec }),
  }) as never;

const tryOut = (spec: unknown, name = 'sales') =>
  opened.client.create(sessions, object(name, spec), { dryRun: true });

const refusalOf = async (attempt: Promise<unknown>): Promise<string> => {
  try {
    await attempt;
  } catch (error) {
    return (error as ApiError).message;
  }
  throw new Error('it was accepted');
};

const defaults = {
  browser: { args: [], flavor: 'HeadlessShell' },
  imagePullPolicy: 'IfNotPresent',
  operatingMode: 'Running',
  pairing: { method: 'QRCode' },
  resources: { limits: { memory: '1Gi' }, requests: { cpu: '100m', memory: '384Mi' } },
  restarts: { limit: 5, window: '10m' },
  sending: { ackTimeout: '30s', expiresAfter: '24h', maxAttempts: 8, ratePerMinute: 60, unproven: 'Resend' },
  storage: { accessMode: 'ReadWriteOncePod', retentionPolicy: 'Retain', size: '1Gi' },
};

describe('a session at admission', () => {
  it.each([
    ['an empty spec', {}],
    ['no spec', undefined],
    ['empty parts', { storage: {}, sending: {}, resources: { limits: {} } }],
  ])('gets every default from %s', async (_name, spec) => {
    expect((await tryOut(spec)).spec).toEqual(defaults);
  });

  it('keeps every field as it was written', async () => {
    const spec = {
      operatingMode: 'Suspended',
      pairing: { method: 'PairingCode', phoneNumber: '491510000001' },
      storage: {
        size: 1073741824,
        storageClassName: 'fast',
        accessMode: 'ReadWriteOnce',
        retentionPolicy: 'Delete',
      },
      sending: {
        ratePerMinute: 7,
        maxAttempts: 2,
        ackTimeout: '10s',
        expiresAfter: '1h30m',
        unproven: 'Hold',
      },
      restarts: { limit: 0, window: '1h' },
      apiKeySecretRef: { name: 'keys', key: 'sales' },
      browser: { flavor: 'Chromium', args: ['--lang=de'], seccompProfile: 'profiles/chromium.json' },
      proxy: { secretRef: { name: 'proxy', key: 'url' } },
      image: 'registry.example.org/session@sha256:0123',
      imagePullPolicy: 'Always',
      resources: { requests: { cpu: 1, memory: '1Gi' }, limits: { cpu: '1.5', memory: '2Gi' } },
      podTemplate: {
        labels: { team: 'sales' },
        annotations: { 'example.org/note': 'x' },
        nodeSelector: { disk: 'ssd' },
        tolerations: [{ key: 'browser', operator: 'Exists', effect: 'NoSchedule' }],
        affinity: { nodeAffinity: { anything: [{ deep: true }] } },
        topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }],
        priorityClassName: 'high',
        runtimeClassName: 'gvisor',
        imagePullSecrets: [{ name: 'pull' }],
        env: [
          { name: 'LOG_LEVEL', value: 'debug' },
          { name: 'TOKEN', secretKeyRef: { name: 's', key: 'k' } },
        ],
      },
    };
    expect((await tryOut(spec)).spec).toEqual(spec);
  });

  it.each([
    ['restarts.window', { restarts: { window: '5y' } }, /spec\.restarts\.window.*a duration from 1m to 168h/],
    [
      'a duration out of range',
      { sending: { ackTimeout: '20m' } },
      /spec\.sending\.ackTimeout.*from 1s to 10m/,
    ],
    ['a size that is none', { storage: { size: 'big' } }, /spec\.storage\.size.*a quantity of at least 64Mi/],
    ['a size too small', { storage: { size: 1 } }, /spec\.storage\.size.*at least 64Mi/],
    [
      'a pairing code without number',
      { pairing: { method: 'PairingCode' } },
      /spec\.pairing.*phoneNumber is required/,
    ],
    [
      'a number without pairing code',
      { pairing: { phoneNumber: '491510000001' } },
      /spec\.pairing.*only used with method/,
    ],
    [
      'a number with a plus',
      { pairing: { method: 'PairingCode', phoneNumber: '+49151' } },
      /spec\.pairing\.phoneNumber/,
    ],
    [
      'more requested than allowed',
      { resources: { limits: { memory: '256Mi' } } },
      /spec\.resources.*requests\.memory \(384Mi/,
    ],
    [
      'a variable of the operator',
      { podTemplate: { env: [{ name: 'PORT', value: '1' }] } },
      /env\[0\]\.name.*set those instead/,
    ],
    [
      'a variable without value',
      { podTemplate: { env: [{ name: 'A' }] } },
      /env\[0\].*either value or secretKeyRef/,
    ],
    [
      'a label of the operator',
      { podTemplate: { labels: { 'app.kubernetes.io/name': 'x' } } },
      /spec\.podTemplate\.labels.*the operator sets those/,
    ],
    ['an argument without dashes', { browser: { args: ['lang=de'] } }, /spec\.browser\.args\[0\]/],
    ['another mode', { operatingMode: 'Paused' }, /spec\.operatingMode.*"Running", "Suspended"/],
  ])('is refused for %s, and told why', async (_name, spec, message) => {
    expect(await refusalOf(tryOut(spec))).toMatch(message);
  });

  it.each(['9sales', 'a'.repeat(53), 'sales.eu'])('is refused under the name %s', async (name) => {
    expect(await refusalOf(tryOut({}, name))).toMatch(/metadata\.name must be at most 52/);
  });
});

const examples = new URL('../../examples/', import.meta.url);
describe('an example', () => {
  it.each(readdirSync(examples).filter((name) => name.endsWith('.yaml')))('%s is accepted', async (name) => {
    const documents = parseAllDocuments(readFileSync(new URL(name, examples), 'utf8'));
    const objects = documents.map((document) => document.toJS() as KubeObject & { spec?: unknown });
    const found = objects.filter(({ kind }) => kind === 'WhatsAppSession');
    expect(found).not.toEqual([]);
    for (const { metadata, spec } of found) await tryOut(spec, metadata.name);
  });
});

describe('a change of a session', () => {
  beforeAll(async () => {
    await opened.client.create(
      sessions,
      object('fixed', { storage: { size: '1Gi', storageClassName: 'fast' } }),
    );
  });
  const change = (spec: object) =>
    opened.client.patch(
      sessions,
      { name: 'fixed', namespace: namespace.name },
      { type: 'merge', body: { spec } },
      { dryRun: true },
    );

  it.each([
    ['a smaller volume', { storage: { size: '512Mi' } }, /spec\.storage\.size.*can only grow/],
    [
      'another storage class',
      { storage: { storageClassName: 'slow' } },
      /spec\.storage.*storageClassName is immutable/,
    ],
    [
      'no storage class',
      { storage: { storageClassName: null } },
      /spec\.storage.*storageClassName is immutable/,
    ],
    [
      'another access mode',
      { storage: { accessMode: 'ReadWriteOnce' } },
      /spec\.storage\.accessMode.*is immutable/,
    ],
  ])('to %s is refused, and told why', async (_name, spec, message) => {
    expect(await refusalOf(change(spec))).toMatch(message);
  });

  it.each([
    ['a larger volume', { storage: { size: '2Gi' } }],
    ['the same volume in other words', { storage: { size: '1024Mi' } }],
    ['another retention', { storage: { retentionPolicy: 'Delete' } }],
  ])('to %s is accepted', async (_name, spec) => {
    await change(spec);
  });

  it('leaves the status alone, and the status leaves the spec alone', async () => {
    const before = await opened.client.get(sessions, { name: 'fixed', namespace: namespace.name });
    const status = { phase: 'Connected', conditions: [], restarts: { count: 2 } };
    const body = { spec: { operatingMode: 'Suspended' }, status } as unknown as KubeObject;
    const ref = { name: 'fixed', namespace: namespace.name };
    const after = await opened.client.patch(
      sessions,
      ref,
      { type: 'merge', body },
      { subresource: 'status' },
    );
    expect(after.spec).toEqual(before.spec);
    expect(after.status).toEqual(status);
    expect(after.metadata.generation).toBe(before.metadata.generation);
  });
});
