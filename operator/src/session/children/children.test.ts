import type { WhatsAppSession } from '@whatsapp-operator/api/resource';
import { operatorEnvironment } from '@whatsapp-operator/api/resource';
import { describe, expect, it, test } from 'vitest';
import { podInputs } from '../pod-inputs.ts';
import { sessionOf, settings } from '../testing/factories.ts';
import { buildApiKeySecret } from './api-key.ts';
import { buildClaim } from './claim.ts';
import { buildNetworkPolicy } from './network-policy.ts';
import { buildPod } from './pod.ts';
import { buildService } from './service.ts';

const podFor = (session: WhatsAppSession) => buildPod(session, podInputs(session, 'session:1'));
const containerFor = (session: WhatsAppSession) => {
  const [container] = podFor(session).spec.containers;
  if (container === undefined) throw new Error('no container');
  return container;
};
const environmentOf = (session: WhatsAppSession) =>
  Object.fromEntries(
    (containerFor(session).env ?? []).map(({ name, value, valueFrom }) => [name, value ?? valueFrom]),
  );

const everything = sessionOf({
  pairing: { method: 'PairingCode', phoneNumber: '491510000001' },
  storage: { size: '2Gi', storageClassName: 'fast', accessMode: 'ReadWriteOnce', retentionPolicy: 'Delete' },
  sending: { ratePerMinute: 7, maxAttempts: 2, ackTimeout: '10s', expiresAfter: '1h', unproven: 'Hold' },
  apiKeySecretRef: { name: 'keys', key: 'sales' },
  browser: {
    flavor: 'Chromium',
    args: ['--lang=de', '--mute-audio'],
    seccompProfile: 'profiles/chromium.json',
  },
  proxy: { secretRef: { name: 'proxy', key: 'url' } },
  image: 'mine:2',
  imagePullPolicy: 'Always',
  resources: { requests: { cpu: 1, memory: '1Gi' }, limits: { cpu: '2', memory: '2Gi' } },
  podTemplate: {
    labels: { team: 'sales' },
    annotations: { note: 'x' },
    nodeSelector: { disk: 'ssd' },
    tolerations: [{ key: 'browser', operator: 'Exists', effect: 'NoSchedule' }],
    affinity: { podAntiAffinity: {} },
    topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'kubernetes.io/hostname' }],
    priorityClassName: 'high',
    runtimeClassName: 'gvisor',
    imagePullSecrets: [{ name: 'pull' }],
    env: [
      { name: 'LOG_LEVEL', value: 'debug' },
      { name: 'TOKEN', secretKeyRef: { name: 's', key: 'k' } },
    ],
  },
});

describe('the pod', () => {
  it('passes the restricted Pod Security Standard', () => {
    const { spec } = podFor(sessionOf());
    expect(spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect(spec.containers[0]?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  it('carries every field of the spec', () => {
    const { metadata, spec } = podFor(everything);
    expect(metadata).toMatchObject({ labels: { team: 'sales' }, annotations: { note: 'x' } });
    expect(spec).toMatchObject({
      nodeSelector: { disk: 'ssd' },
      tolerations: [{ key: 'browser', operator: 'Exists', effect: 'NoSchedule' }],
      affinity: { podAntiAffinity: {} },
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          whenUnsatisfiable: 'ScheduleAnyway',
          labelSelector: { matchLabels: { 'app.kubernetes.io/name': 'whatsapp-session' } },
        },
      ],
      priorityClassName: 'high',
      runtimeClassName: 'gvisor',
      imagePullSecrets: [{ name: 'pull' }],
      securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'profiles/chromium.json' } },
    });
    expect(containerFor(everything)).toMatchObject({
      image: 'mine:2',
      imagePullPolicy: 'Always',
      resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2', memory: '2Gi' } },
    });
    expect(environmentOf(everything)).toMatchObject({
      PAIRING_METHOD: 'PairingCode',
      PAIRING_PHONE_NUMBER: '491510000001',
      SENDING_RATE_PER_MINUTE: '7',
      SENDING_MAX_ATTEMPTS: '2',
      SENDING_ACK_TIMEOUT: '10s',
      SENDING_EXPIRES_AFTER: '1h',
      SENDING_UNPROVEN: 'hold',
      BROWSER_FLAVOR: 'Chromium',
      BROWSER_ARGS: '--lang=de --mute-audio',
      BROWSER_SANDBOX: 'true',
      PROXY: { secretKeyRef: { name: 'proxy', key: 'url' } },
      LOG_LEVEL: 'debug',
      TOKEN: { secretKeyRef: { name: 's', key: 'k' } },
    });
    const secret = spec.volumes?.find(({ name }) => name === 'api-key')?.secret;
    expect(secret).toMatchObject({ secretName: 'keys', items: [{ key: 'sales', path: 'api-key' }] });
  });

  it('keeps the variables that it sets to itself', () => {
    const set = Object.keys(environmentOf(everything)).filter(
      (name) => !['HOME', 'LOG_LEVEL', 'TOKEN'].includes(name),
    );
    expect(operatorEnvironment).toEqual(expect.arrayContaining(set));
  });

  it("cannot be told apart from the operator's own by labels of a person", () => {
    const labels = { ...everything.metadata.labels };
    const own = podFor(sessionOf()).metadata.labels;
    expect(podFor(everything).metadata.labels).toMatchObject({ ...labels, ...own });
  });
});

describe('the claim', () => {
  it('is the session’s only with Delete: retained it outlives the session', () => {
    expect(buildClaim(sessionOf()).metadata.ownerReferences).toBeUndefined();
    expect(buildClaim(everything).metadata.ownerReferences).toMatchObject([
      { uid: 'session-1', controller: true },
    ]);
  });
  it('asks for one pod at a time by default', () => {
    expect(buildClaim(sessionOf()).spec).toEqual({
      accessModes: ['ReadWriteOncePod'],
      resources: { requests: { storage: '1Gi' } },
    });
  });
});

describe('the network policy', () => {
  const rules = (network: object, session = sessionOf()) =>
    buildNetworkPolicy(session, { ...settings.network, ...network }).spec;

  it('opens the API to the cluster and nothing else to anybody', () => {
    const { ingress } = rules({ apiFrom: [{ namespaceSelector: {} }], healthFrom: [] });
    expect(ingress).toEqual([
      { from: [{ namespaceSelector: {} }], ports: [{ port: 3000, protocol: 'TCP' }] },
    ]);
  });
  it('takes an empty list for nobody, where a policy itself means everybody', () => {
    expect(rules({ apiFrom: [], healthFrom: [] }).ingress).toEqual([]);
  });
  it('lets the browser out to DNS and HTTPS, not to the metadata service of a cloud', () => {
    const { egress } = rules({});
    // The pod behind the Service kube-dns may listen anywhere.
    expect(egress?.at(1)).toMatchObject({
      to: [{ podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } }],
    });
    expect(egress?.at(2)).toMatchObject({ ports: [{ port: 443 }] });
    expect(JSON.stringify(egress)).toContain('"except":["169.254.0.0/16"]');
  });
  it('lets it out to any port with a proxy', () => {
    expect(rules({}, everything).egress?.at(2)).toMatchObject({ ports: [{ port: 1, endPort: 65535 }] });
  });
  it('adds what the settings add', () => {
    const extra = { to: [{ podSelector: {} }], ports: [{ port: 8080 }] };
    expect(rules({ extraEgress: [extra] }).egress).toContainEqual(extra);
  });
});

it('the Service is there before the session is ready', () => {
  expect(buildService(sessionOf()).spec.publishNotReadyAddresses).toBe(true);
});

const builders: readonly (readonly [string, (session: WhatsAppSession) => unknown])[] = [
  ['pod', podFor],
  ['claim', buildClaim],
  ['service', buildService],
  ['Secret', (session) => buildApiKeySecret(session, 'key')],
  ['network policy', (session) => buildNetworkPolicy(session, settings.network)],
];
test.each(builders)('the %s of equal sessions is equal, and its session stays as it was', (_name, build) => {
  const before = structuredClone(everything);
  expect(JSON.stringify(build(everything))).toBe(JSON.stringify(build(structuredClone(everything))));
  expect(everything).toEqual(before);
});
