import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { KEY, startTestPod, type TestPod } from '../../../session-pod/src/http/testing/test-pod.ts';
import {
  DISCOVERY_PATH,
  discovery,
  type FakeCluster,
  readyCondition,
  type SessionParts,
  sessionObject,
  sessionPath,
  startFakeCluster,
} from './testing/fake-cluster.ts';
import { type InvokeOptions, invoke } from './testing/invoke.ts';

/** Every command through an API server, as `kubectl was` runs them. */

let cluster: FakeCluster;
let pod: TestPod | undefined;
let folder: string;
beforeEach(async () => {
  cluster = await startFakeCluster();
  cluster.objects.set(DISCOVERY_PATH, discovery);
  folder = await mkdtemp(join(tmpdir(), 'wa-'));
});
afterEach(async () => {
  await pod?.remove();
  pod = undefined;
  await cluster.stop();
  await rm(folder, { recursive: true, force: true });
});

const was = (words: readonly string[], options: InvokeOptions = {}) =>
  invoke(['--kubeconfig', cluster.kubeconfig, ...words], options);

function add(name: string, parts: SessionParts = {}): void {
  cluster.objects.set(sessionPath(name, parts.namespace), sessionObject(name, parts));
}

/** A session with a pod behind the API server's proxy. */
async function withPod(name = 'sales'): Promise<TestPod> {
  pod = await startTestPod();
  add(name, { status: { podName: name, phase: 'Pairing' } });
  cluster.services.set(`shop/${name}:api`, pod.apiPort);
  cluster.services.set(`shop/${name}:health`, pod.healthPort);
  const secret = { data: { 'api-key': Buffer.from(KEY).toString('base64') } };
  cluster.objects.set(`/api/v1/namespaces/shop/secrets/${name}-api-key`, secret);
  return pod;
}

const connected: SessionParts['status'] = {
  phase: 'Connected',
  observedGeneration: 1,
  podName: 'sales',
  image: 'localhost/whatsapp-operator/whatsapp-session:1.0.0',
  account: { id: '491510000001@c.us', name: 'Sales' },
  conditions: [readyCondition('True', 'Connected', 'connected: a message handed over now can leave now')],
  restarts: { count: 1, lastReason: 'OOMKilled', lastTime: '2026-11-24T09:00:00Z' },
  connectedSince: '2026-11-24T10:00:00Z',
  lastDisconnect: { reason: 'socket_lost', time: '2026-11-24T09:59:00Z' },
  versions: { engine: 'whatsapp-web.js 1.34.7', browser: 'Chrome/156', whatsappWeb: '2.3000.1' },
};
const unready = (
  phase: 'Pending' | 'Pairing' | 'Failed',
  reason: string,
  message: string,
): SessionParts['status'] => ({
  phase,
  observedGeneration: 1,
  conditions: [readyCondition('False', reason, message)],
});

describe('list', () => {
  beforeEach(() => {
    add('sales', { status: connected });
    add('support', { status: unready('Pairing', 'PairingRequired', 'a phone has to link the account') });
    add('billing', { status: unready('Failed', 'RestartLimitExceeded', '6 restarts within 10m') });
    add('elsewhere', { namespace: 'other' });
  });

  it('shows the sessions of the namespace, over all pages', async () => {
    const { out, exitCode } = await was(['list']);
    await expect(out).toMatchFileSnapshot('testing/golden/list.txt');
    expect(exitCode).toBe(0);
  });

  it('shows those of all namespaces', async () => {
    await expect((await was(['list', '-A'])).out).toMatchFileSnapshot('testing/golden/list-all.txt');
  });

  it('gives programs names, JSON and YAML', async () => {
    expect((await was(['list', '-o', 'name'])).out).toBe('sales\nsupport\nbilling\n');
    expect(JSON.parse((await was(['list', '-o', 'json'])).out)).toHaveLength(3);
    expect((await was(['list', '-o', 'yaml'])).out).toContain('name: sales');
  });

  it('hands the selector on', async () => {
    await was(['list', '-l', 'team=sales']);
    expect(cluster.asked[0]).toContain('labelSelector=team%3Dsales');
  });

  it('says that there are none', async () => {
    const { out, err, exitCode } = await was(['list', '-n', 'empty']);
    expect([out, err, exitCode]).toEqual(['', 'There are no sessions in namespace empty.\n', 0]);
  });
});

describe('status', () => {
  const now = { now: () => Date.parse('2026-11-24T12:00:00Z') };

  it('of a session that is ready', async () => {
    add('sales', { status: connected });
    const { out, exitCode } = await was(['status', 'sales'], now);
    await expect(out).toMatchFileSnapshot('testing/golden/status-ready.txt');
    expect(exitCode).toBe(0);
  });

  test.each<[string, 'Pending' | 'Pairing' | 'Failed', string, string, number]>([
    [
      'pairing',
      'Pairing',
      'PairingRequired',
      'a phone has to link the account: kubectl was qr sales -n shop',
      6,
    ],
    [
      'restarts',
      'Failed',
      'RestartLimitExceeded',
      "6 restarts within 10m, 5 are allowed; the last one: Crashed. Look at the last pod's logs before you begin again. A changed spec or a new value of the annotation whatsapp-operator.io/restart-at begins again",
      6,
    ],
    [
      'unschedulable',
      'Pending',
      'Unschedulable',
      'no node takes the pod: 0/3 nodes are available: insufficient memory',
      5,
    ],
  ])('says what is wrong and what to do: %s', async (golden, phase, reason, message, code) => {
    add('sales', { status: unready(phase, reason, message) });
    const { out, err, exitCode } = await was(['status', 'sales'], now);
    await expect(out).toMatchFileSnapshot(`testing/golden/status-${golden}.txt`);
    expect([err, exitCode]).toEqual(['', code]);
  });

  it('asks the session itself, without its key', async () => {
    const { engine } = await withPod();
    engine.connect();
    cluster.forbidden.push(/\/secrets\//);
    const { out } = await was(['status', 'sales']);
    expect(out).toContain('Messages    empty');
    expect(out).toContain('491510000001 (Sales)');
  });

  it('of one that the operator has not seen', async () => {
    add('new');
    expect((await was(['status', 'new'])).out).toContain('if this lasts: kubectl was doctor -n shop');
  });

  it('of one that does not exist', async () => {
    const { err, exitCode } = await was(['status', 'nobody']);
    expect(err).toBe(
      'error: there is no session nobody in namespace shop\n  list -A shows those of all namespaces\n',
    );
    expect(exitCode).toBe(3);
  });
});

describe('qr', () => {
  it('shows every code until the session is connected, and ends with 0', async () => {
    const { engine } = await withPod();
    engine.pair({ method: 'QRCode', qr: '2@first', since: Date.now() });
    const linking = was(['qr', 'sales'], { now: Date.now });
    setTimeout(() => engine.pair({ method: 'QRCode', qr: '2@second', since: Date.now() }), 1_500);
    setTimeout(() => engine.connect(), 3_000);
    const { out, exitCode } = await linking;
    expect(out.match(/On the phone: Linked devices/g)).toHaveLength(2);
    expect(out.trimEnd().endsWith('Linked as 491510000001 (Sales), and Connected.')).toBe(true);
    expect(exitCode).toBe(0);
  });

  it('draws over the old code in a terminal', async () => {
    const { engine } = await withPod();
    engine.pair({ method: 'QRCode', qr: '2@first', since: Date.now() });
    setTimeout(() => engine.connect(), 1_200);
    const { out } = await was(['qr', 'sales'], { now: Date.now, isTerminal: true });
    expect(out).toContain('\u001B[JLinked as');
  });

  it('ends at once when it is linked already', async () => {
    (await withPod()).engine.connect();
    const { out, exitCode } = await was(['qr', 'sales']);
    expect([out, exitCode]).toEqual(['It is linked already as 491510000001 (Sales), and Connected.\n', 0]);
  });

  it('ends with what a person has to do when the session has stopped', async () => {
    (await withPod()).engine.become('Failed', 'tos_block');
    expect((await was(['qr', 'sales'])).exitCode).toBe(6);
  });

  it('ends at its time limit', async () => {
    await withPod();
    const { exitCode, err } = await was(['qr', 'sales', '--timeout', '1s'], { now: Date.now });
    expect(exitCode).toBe(8);
    expect(err).toContain('it was not linked within 1s');
  });

  it('prints one code and ends, where only that is wanted', async () => {
    (await withPod()).engine.pair({ method: 'QRCode', qr: '2@first', since: Date.now() });
    expect((await was(['qr', 'sales', '--once'])).exitCode).toBe(0);
  });
});

describe('pair', () => {
  it('asks for a code and shows it, readable', async () => {
    const { engine } = await withPod();
    engine.pair({ method: 'QRCode', qr: '2@first', since: Date.now() });
    const { out } = await was(['pair', 'sales', '--phone', '+49 151 0000001', '--once']);
    expect(out).toContain('Code for 491510000001: ABCD-1234');
    expect((await was(['code', 'sales', '--once'])).out).toContain('ABCD-1234');
  });

  it('says how to change from a QR code to a code', async () => {
    (await withPod()).engine.pair({ method: 'QRCode', qr: '2@first', since: Date.now() });
    const { err, exitCode } = await was(['pair', 'sales', '--code']);
    expect(exitCode).toBe(2);
    expect(err).toContain('--phone');
  });
});

describe('send', () => {
  it('follows a message until it has got as far as was asked', async () => {
    (await withPod()).engine.connect();
    const { out, exitCode } = await was(['send', 'sales', '+49 15100 00002', 'hello', '--wait', 'sent']);
    expect(out).toMatch(/^accepted 3EB0[0-9A-F]{18} \(0\.0 s\)\nsent 3EB0[0-9A-F]{18} \(0\.0 s\)\n$/);
    expect(exitCode).toBe(0);
  });

  it('sends a file through the proxy, under its name', async () => {
    const { engine } = await withPod();
    engine.connect();
    const { exitCode, err } = await was([
      'send',
      'sales',
      '491510000002',
      'the manifest',
      '--file',
      'package.json',
      '--wait',
      'sent',
    ]);
    expect([exitCode, err]).toEqual([0, '']);
    expect(engine.sent[0]?.content).toMatchObject({ type: 'document', caption: 'the manifest' });
  });

  it('gives programs the message', async () => {
    (await withPod()).engine.connect();
    const { out } = await was(['send', 'sales', '491510000002', 'hello', '--wait', 'sent', '-o', 'json']);
    expect(JSON.parse(out)).toMatchObject({ status: 'sent' });
  });

  it('says that a message which is late is still on its way', async () => {
    await withPod();
    const { err, exitCode } = await was(['send', 'sales', '491510000002', 'hello', '--timeout', '1s'], {
      now: Date.now,
    });
    expect(exitCode).toBe(8);
    expect(err).toMatch(
      /is queued, not delivered within 1s\n {2}it is on disk and leaves when the session is connected; do not send it anew/,
    );
  });

  it('says why a message was not sent', async () => {
    const { engine } = await withPod();
    engine.sendOutcome = async () => ({ kind: 'refused', code: 'not_on_whatsapp', detail: 'no such number' });
    engine.lookup = (async () => ({ kind: 'absent' })) as never;
    engine.connect();
    const { err, exitCode } = await was(['send', 'sales', '491510000002', 'hello']);
    expect(exitCode).toBe(7);
    expect(err).toContain('is failed: no such number (not_on_whatsapp)');
  });

  test.each<[string, string[], string]>([
    ['a missing text', ['send', 'sales', '491510000002'], 'TEXT is missing'],
    [
      'a text without quotes',
      ['send', 'sales', '491510000002', 'two', 'words'],
      'put quotes around a text with blanks',
    ],
    ['a wrong number', ['send', 'sales', 'nobody', 'hello'], 'country code'],
    [
      'a file that is not there',
      ['send', 'sales', '491510000002', '--file', '/nowhere.png'],
      '/nowhere.png cannot be read',
    ],
    ['a caption that cannot be', ['send', 'sales', '491510000002', 'x', '--file', 'a.ogg'], 'has no caption'],
    ['a duration', ['send', 'sales', '491510000002', 'x', '--timeout', 'soon'], 'is no duration'],
  ])('says what is wrong with %s', async (_, words, expected) => {
    await withPod();
    const { err, exitCode } = await was(words);
    expect(err).toContain(expected);
    expect(exitCode).toBe(2);
  });

  it('says what right is missing', async () => {
    await withPod();
    cluster.forbidden.push(/\/secrets\//);
    const { err, exitCode } = await was(['send', 'sales', '491510000002', 'hello']);
    expect(exitCode).toBe(4);
    expect(err).toContain('the API key of session sales lies in Secret sales-api-key');
  });
});

describe('messages', () => {
  it('are listed, shown with their attempts, and cancelled', async () => {
    const { engine } = await withPod();
    const sent = await was(['send', 'sales', '491510000002', 'hello', '--wait', 'accepted', '-o', 'name']);
    const id = sent.out.trim();
    expect((await was(['messages', 'sales', '-o', 'name'])).out).toBe(`${id}\n`);
    expect((await was(['messages', 'sales'])).out).toMatch(
      /^ID +TO +TYPE +STATUS +ATTEMPTS +AGE +REASON\n3EB0/,
    );
    expect((await was(['cancel', 'sales', id])).out).toBe(`cancelled ${id}\n`);
    expect((await was(['messages', 'sales', id])).out).toContain('cancelled');
    expect((await was(['messages', 'sales', '--status', 'queued'])).err).toBe(
      'There are no such messages.\n',
    );
    expect((await was(['messages', 'sales', '3EB0000000000000000000'])).exitCode).toBe(3);
    engine.connect();
    const { out } = await was(['send', 'sales', '491510000002', 'again', '--wait', 'sent', '-o', 'name']);
    expect((await was(['messages', 'sales', out.trim()])).out).toMatch(
      /ATTEMPT +WHY +BEGUN +OUTCOME +DETAIL\n1 +first/,
    );
  });
});

describe('what changes a session', () => {
  it('restart sets the annotation that the operator acts upon', async () => {
    add('sales', { status: connected });
    expect((await was(['restart', 'sales'])).out).toBe('session sales: a restart is asked for\n');
    expect(cluster.objects.get(sessionPath('sales'))).toMatchObject({
      metadata: { annotations: { 'whatsapp-operator.io/restart-at': '2026-11-24T12:00:00.000Z' } },
    });
  });

  it('restart --wait ends when the operator has acted and the session is ready again', async () => {
    add('sales', { status: connected });
    setTimeout(() => {
      const restarts = { count: 0, restartAt: '2026-11-24T12:00:00.000Z' };
      add('sales', { status: { ...connected, restarts } });
    }, 500);
    const { out, exitCode } = await was(['restart', 'sales', '--wait']);
    expect([out, exitCode]).toEqual([
      'session sales: a restart is asked for\nsession sales: ready again\n',
      0,
    ]);
  });

  it('suspend and resume set the operating mode, and wait where asked', async () => {
    add('sales', { status: connected });
    expect((await was(['suspend', 'sales'])).out).toBe('session sales: is being suspended\n');
    expect(cluster.objects.get(sessionPath('sales'))).toMatchObject({ spec: { operatingMode: 'Suspended' } });
    expect((await was(['resume', 'sales', '--wait'])).out).toContain('session sales: ready\n');
    const { err, exitCode } = await was(['suspend', 'sales', '--wait', '--timeout', '1s'], { now: Date.now });
    expect(err).toContain('is not suspended within 1s');
    expect(exitCode).toBe(8);
  });

  it('reconnect begins the browser anew', async () => {
    const { engine } = await withPod();
    expect((await was(['reconnect', 'sales'])).out).toBe('session sales: its browser begins anew\n');
    expect(engine.asked).toContain('restart');
  });

  it('logout asks first, and does nothing when nobody can answer', async () => {
    const { engine } = await withPod();
    expect((await was(['logout', 'sales'])).exitCode).toBe(2);
    expect((await was(['logout', 'sales'], { answer: 'n' })).err).toContain('nothing was done');
    expect(engine.asked).not.toContain('logout');
    expect((await was(['logout', 'sales'], { answer: 'y' })).out).toBe('session sales: unlinked\n');
    expect((await was(['logout', 'sales', '--yes'])).exitCode).toBe(0);
  });

  it('screenshot writes a file that only its owner reads, or to standard output', async () => {
    (await withPod()).engine.connect();
    const file = join(folder, 'page.png');
    expect((await was(['screenshot', 'sales', file])).out).toBe(`${file}\n`);
    expect((await readFile(file))[0]).toBe(0x89);
    expect((await was(['screenshot', 'sales', '-'])).out).toBe('<4 bytes>');
    expect((await was(['screenshot', 'sales', '/nowhere/page.png'])).exitCode).toBe(1);
  });

  it('logs are those of the container', async () => {
    add('sales', { status: connected });
    cluster.objects.set('/api/v1/namespaces/shop/pods/sales/log', '{"msg":"started"}\n');
    expect((await was(['logs', 'sales', '--tail', '1'])).out).toBe('{"msg":"started"}\n');
    expect(cluster.asked.at(-1)).toContain('container=session&tailLines=1');
    add('new');
    expect((await was(['logs', 'new'])).exitCode).toBe(3);
  });
});

describe('monitor', () => {
  beforeEach(() => {
    add('sales', { status: connected });
    add('support', { status: unready('Pairing', 'PairingRequired', 'a phone has to link the account') });
    add('elsewhere', { namespace: 'other' });
  });

  it('shows all sessions, those that need somebody first', async () => {
    const { out } = await was(['monitor', '--once', '-A']);
    await expect(out).toMatchFileSnapshot('testing/golden/monitor.txt');
  });

  it('asks each session for its queue', async () => {
    const { engine, call } = await withPod();
    expect(engine.snapshot.state).toBe('Starting');
    await call('POST', '/api/v1/messages', { to: '491510000002', content: { type: 'text', text: 'x' } });
    expect((await was(['monitor'])).out).toMatch(/sales +Pairing +- +- +1 +0/);
  });

  it('goes on in a terminal until it is interrupted', async () => {
    const interrupt = new AbortController();
    setTimeout(() => interrupt.abort(), 1_500);
    const { out, exitCode } = await was(['monitor', '--interval', '500ms'], {
      isTerminal: true,
      signal: interrupt.signal,
    });
    expect(exitCode).toBe(130);
    expect(out.split('\u001B[H').length).toBeGreaterThan(2);
  });
});

describe('doctor', () => {
  function healthy(): void {
    cluster.objects.set('/version', { major: '1', minor: '35', gitVersion: 'v1.35.0' });
    cluster.objects.set('/apis/apps/v1/deployments', {
      items: [
        {
          metadata: {
            name: 'whatsapp-operator',
            namespace: 'whatsapp-operator',
            labels: { 'helm.sh/chart': 'whatsapp-operator-1.0.0' },
          },
          spec: { replicas: 2 },
          status: { readyReplicas: 2 },
        },
      ],
    });
    cluster.objects.set('/apis/storage.k8s.io/v1/storageclasses', {
      items: [
        {
          metadata: { name: 'local', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
          provisioner: 'csi.example',
        },
      ],
    });
    cluster.objects.set('/api/v1/namespaces/shop/pods', { items: [] });
    cluster.objects.set('/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices', {
      items: [{ endpoints: [{ conditions: { ready: true } }] }],
    });
  }

  it('finds nothing in a healthy cluster', async () => {
    healthy();
    add('sales', { status: connected });
    const { out, exitCode } = await was(['doctor']);
    await expect(out).toMatchFileSnapshot('testing/golden/doctor-healthy.txt');
    expect(exitCode).toBe(0);
  });

  it('says what is wrong, and what to do about each', async () => {
    healthy();
    cluster.objects.set('/version', { major: '1', minor: '27+', gitVersion: 'v1.27.3' });
    const old = await was(['doctor']);
    expect(old.out).toContain('1.29 or newer');
    expect(old.exitCode).toBe(1);
    healthy();
    cluster.objects.set('/apis/apps/v1/deployments', { items: [] });
    cluster.objects.set('no-patch', {});
    cluster.objects.set('/apis/storage.k8s.io/v1/storageclasses', { items: [] });
    cluster.objects.set('/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices', {
      items: [{ endpoints: [{ conditions: { ready: false } }] }],
    });
    cluster.objects.set('/api/v1/namespaces/shop/pods', {
      items: [
        {
          metadata: { name: 'sales' },
          status: {
            containerStatuses: [
              { image: 'registry/session:9', state: { waiting: { reason: 'ImagePullBackOff' } } },
            ],
          },
        },
      ],
    });
    add('sales', { status: unready('Pending', 'ImageUnavailable', 'ImagePullBackOff') });
    const { out, exitCode } = await was(['doctor']);
    await expect(out).toMatchFileSnapshot('testing/golden/doctor-sick.txt');
    expect(exitCode).toBe(1);
  });

  it('looks on where it has no right to look', async () => {
    healthy();
    cluster.forbidden.push(/deployments/, /storageclasses/);
    const { out, exitCode } = await was(['doctor', '-o', 'json']);
    const verdicts = Object.fromEntries(
      (JSON.parse(out) as { check: string; verdict: string }[]).map(({ check, verdict }) => [check, verdict]),
    );
    expect(verdicts).toMatchObject({ Operator: 'skip', Storage: 'skip', DNS: 'ok' });
    expect(exitCode).toBe(0);
  });

  it('says that the resource is missing', async () => {
    healthy();
    cluster.objects.delete(DISCOVERY_PATH);
    expect((await was(['doctor'])).out).toContain('install the chart');
    expect((await was(['list'])).err).toContain('the cluster does not know WhatsAppSessions');
  });
});

describe('the cluster', () => {
  it('that is not reached is named, with exit code 5', async () => {
    const { kubeconfig } = cluster;
    const text = (await readFile(kubeconfig, 'utf8')).replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1');
    const file = join(folder, 'kubeconfig');
    await import('node:fs/promises').then(({ writeFile }) => writeFile(file, text));
    const { err, exitCode } = await invoke(['list', '--kubeconfig', file]);
    expect(err).toContain('the cluster of context test cannot be reached: connect ECONNREFUSED');
    expect(exitCode).toBe(5);
  });

  it('of another context is told with those that there are', async () => {
    const { err, exitCode } = await was(['list', '--context', 'production']);
    expect(err).toBe('error: the kubeconfig has no context production\n  it has: test\n');
    expect(exitCode).toBe(3);
    expect((await invoke(['list', '--kubeconfig', '/nowhere'])).err).toContain(
      'the kubeconfig cannot be read',
    );
  });

  it('is not left for a URL of the environment by kubectl, and is by wa', async () => {
    add('sales', { status: connected });
    const env = { WHATSAPP_ENGINE_URL: 'http://127.0.0.1:1' };
    expect((await was(['list', '-o', 'name'], { env })).out).toBe('sales\n');
    expect((await invoke(['doctor'], { env, program: 'wa' })).out).toContain('127.0.0.1');
  });
});

describe('completion', () => {
  test.each<[string[], string[]]>([
    [['re'], ['restart', 'reconnect', 'resume']],
    [
      ['send', ''],
      ['sales', 'support'],
    ],
    [['send', 'sa'], ['sales']],
    [['send', 'sales', ''], []],
    [['send', '--wait', 'de'], ['delivered']],
    [
      ['send', '--wait', 'sent', 's'],
      ['sales', 'support'],
    ],
    [['list', '--sel'], ['--selector']],
    [['-n', 'other', 'status', ''], ['elsewhere']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['nothing', ''], []],
  ])('of %j is %j', async (words, expected) => {
    add('sales');
    add('support');
    add('elsewhere', { namespace: 'other' });
    const { out } = await invoke(['__complete', '--kubeconfig', cluster.kubeconfig, ...words]);
    expect(out.split('\n').filter((line) => line !== '')).toEqual(expect.arrayContaining(expected));
    if (expected.length === 0) expect(out).not.toContain('sales');
  });
});
