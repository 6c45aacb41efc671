import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { leaderPermissions, sessionPermissions } from '../../operator/src/permissions.ts';
import { auditedNamespace, auditLog } from '../cluster/parts/control-plane.ts';
import { readSettings } from '../cluster/settings.ts';
import { connectTarget } from '../cluster/target.ts';
import { type ChartWorld, createChartWorld, linkedSession, waitFor } from './chart-world.ts';
import { createNamespace, type TestNamespace } from './namespace.ts';

/** What the API server itself says that the operator has asked for, over the life of a session. */
const { local } = connectTarget(readSettings(process.env));
const NAME = 'sales';

/** Rights for what does not happen in such a life, each with its occasion. */
const occasional: Readonly<Record<string, string>> = {
  'get pods': 'a create that meets a pod which the cache does not show yet',
  'get persistentvolumeclaims': 'the same with a claim',
  'get services': 'the same with a Service',
  'get networkpolicies': 'the same with a policy',
  'list events': 'a pod that does not start, to tell why',
  'patch events': 'the same Event once more',
};

interface AuditEvent {
  readonly verb: string;
  readonly requestReceivedTimestamp: string;
  readonly user: { readonly username: string };
  readonly objectRef?: { readonly resource: string; readonly subresource?: string };
  readonly responseStatus?: { readonly code: number };
}

const nameOf = ({ verb, objectRef }: Pick<AuditEvent, 'verb' | 'objectRef'>): string =>
  `${verb} ${[objectRef?.resource, objectRef?.subresource].filter((part) => part !== undefined).join('/')}`;

/** Only a local cluster's API server writes such a log where it can be read. */
describe.runIf(local !== undefined)('the rights of an operator that the chart has installed', () => {
  let world: ChartWorld;
  let tenant: TestNamespace;
  let asked: readonly AuditEvent[];
  /** Before it others of this name may have lived, and lost their rights at their end. */
  let began: Date;

  beforeAll(async () => {
    const values = { sandbox: { enabled: true } };
    world = await createChartWorld('rights', values, { exactName: auditedNamespace });
    tenant = await createNamespace('rights', { 'pod-security.kubernetes.io/enforce': 'restricted' });
    began = new Date();
    await world.install();
    await linkedSession(world, tenant.name, NAME);
    await liveThrough();
    asked = await readAudit();
  }, 600_000);
  afterAll(async () => {
    await world.kubectl('delete', 'was', '--all', '-n', tenant.name, '--wait');
    await tenant.dispose();
    await world.dispose();
  }, 360_000);

  /** Everything is changed behind the operator's back once, and the session is restarted. */
  async function liveThrough(): Promise<void> {
    for (const kind of ['pod', 'pvc', 'service', 'networkpolicy']) {
      await world.kubectl('label', '-n', tenant.name, `${kind}/${NAME}`, 'app.kubernetes.io/instance-');
    }
    const label = '{.metadata.labels.app\\.kubernetes\\.io/instance}';
    for (const kind of ['pod', 'pvc', 'service', 'networkpolicy']) {
      await until(async () => (await world.read(tenant.name, `${kind}/${NAME}`, label)) === NAME);
    }
    const uid = () => world.read(tenant.name, `pod/${NAME}`, '{.metadata.uid}');
    const before = await uid();
    await world.kubectl('annotate', '-n', tenant.name, `was/${NAME}`, 'whatsapp-operator.io/restart-at=now');
    await until(async () => ![before, ''].includes(await uid()));
    await waitFor(world, tenant.name, NAME, 'condition=Ready');
  }

  const until = (is: () => Promise<boolean>) =>
    vi.waitFor(async () => expect(await is()).toBe(true), { timeout: 90_000, interval: 300 });

  async function readAudit(): Promise<readonly AuditEvent[]> {
    // The log is written a moment after the answer.
    await sleep(1000);
    const text = await readFile(local === undefined ? '' : auditLog(local), 'utf8');
    const events = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as AuditEvent);
    return events.filter(
      ({ user, requestReceivedTimestamp }) =>
        user.username.endsWith(`:${world.release.name}-whatsapp-operator`) &&
        new Date(requestReceivedTimestamp) >= began,
    );
  }

  it('are enough: nothing was refused', () => {
    const refused = asked.filter(({ responseStatus }) => responseStatus?.code === 403).map(nameOf);
    expect(asked.length).toBeGreaterThan(20);
    expect([...new Set(refused)]).toEqual([]);
  });

  it('are all needed: each was used, or has its occasion', () => {
    const used = new Set(asked.map(nameOf));
    const granted = [...sessionPermissions, ...leaderPermissions].flatMap(({ plural, subresource, verbs }) =>
      verbs.map((verb) =>
        subresource === undefined ? `${verb} ${plural}` : `${verb} ${plural}/${subresource}`,
      ),
    );
    expect(granted.filter((right) => !used.has(right) && occasional[right] === undefined)).toEqual([]);
    expect(granted).toEqual(expect.arrayContaining(Object.keys(occasional)));
  });
});
