import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuthorizationV1Api } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sessionPermissions } from '../../operator/src/permissions.ts';
import { runCommand } from '../machine/command.ts';
import { chartFolder } from '../release/release.ts';
import {
  type ChartWorld,
  createChartWorld,
  FRIEND,
  linkedSession,
  waitFor,
  withApis,
} from './chart-world.ts';
import { createNamespace, type TestNamespace } from './namespace.ts';

/** The chart as its users have it, by Helm 4: installed, upgraded, uninstalled and installed again around a session. */
const NAME = 'sales';
const CRD = 'crd/whatsappsessions.whatsapp-operator.io';

let world: ChartWorld;
let tenant: TestNamespace;
/** A chart of an earlier version: its resource has another column. */
let older: string;

const identity = async () => ({
  session: await world.read(tenant.name, `was/${NAME}`, '{.metadata.uid}'),
  pod: await world.read(tenant.name, `pod/${NAME}`, '{.metadata.uid}'),
  claim: await world.read(tenant.name, `pvc/${NAME}`, '{.metadata.uid}'),
});
const columns = async () =>
  world.read('default', CRD, '{.spec.versions[0].additionalPrinterColumns[*].name}');

/** An operator is at work: a Service that goes missing comes back. */
async function expectService(): Promise<void> {
  await world.kubectl('delete', '-n', tenant.name, `service/${NAME}`);
  await expect
    .poll(() => world.read(tenant.name, `service/${NAME}`, '{.spec.ports[0].port}'), { timeout: 60_000 })
    .toBe('3000');
}

async function makeOlderChart(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'older-chart-'));
  await cp(chartFolder, folder, { recursive: true });
  const file = join(folder, 'files/crd.yaml');
  await writeFile(file, (await readFile(file, 'utf8')).replace('name: Restarts', 'name: Reboots'));
  return folder;
}

beforeAll(async () => {
  world = await createChartWorld('chart', { sandbox: { enabled: true } });
  tenant = await createNamespace('tenant', { 'pod-security.kubernetes.io/enforce': 'restricted' });
  older = await makeOlderChart();
  await world.install({ chart: older });
}, 360_000);
afterAll(async () => {
  await world.kubectl('delete', 'was', '--all', '-n', tenant.name, '--wait');
  await tenant.dispose();
  await world.dispose();
  await rm(older, { recursive: true, force: true });
}, 360_000);

describe('an installed chart', () => {
  it('runs two operators in a namespace that admits restricted pods alone', async () => {
    const ready = await world.read(
      world.release.namespace,
      'deployments',
      '{.items[*].status.readyReplicas}',
    );
    expect(ready.split(' ').sort()).toEqual(['1', '2']);
  });

  it('passes its own test', async () => {
    const { helm, env } = world.namespace.target.commands;
    const { name, namespace } = world.release;
    const said = await runCommand([helm, 'test', name, '--namespace', namespace, '--logs'], { env });
    expect(said).toContain('an operator is ready, and one leads');
  });

  it('has all the rights to make a session that sends', async () => {
    await linkedSession(world, tenant.name, NAME);
    await withApis(world, { namespace: tenant.name, name: NAME }, async (api, sandbox) => {
      const { id } = await api.send(FRIEND, 'by way of the chart', 'chart-test-1', 30_000);
      await api.messageThat(id, ['delivered', 'read'], 60_000);
      const delivered = await sandbox.call('ledger', { query: { kind: 'delivered' } });
      expect(delivered.map(({ detail }) => detail)).toEqual(['by way of the chart']);
    });
  });

  it('has the rights to mend what was changed behind its back', async () => {
    await world.kubectl('label', '-n', tenant.name, `pod/${NAME}`, 'app.kubernetes.io/instance-');
    await expectService();
  });
});

describe("the operator's rights", () => {
  /** Whether the API server would let the operator's account do it in the tenant's namespace. */
  const can = async (verb: string, resource: string, group = ''): Promise<boolean> => {
    const [plural, subresource] = resource.split('/');
    const { name, namespace } = world.release;
    const api = world.namespace.target.kubeConfig.makeApiClient(AuthorizationV1Api);
    const attributes = { namespace: tenant.name, verb, group, resource: plural ?? '' };
    const { status } = await api.createSubjectAccessReview({
      body: {
        spec: {
          user: `system:serviceaccount:${namespace}:${name}-whatsapp-operator`,
          groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
          resourceAttributes: subresource === undefined ? attributes : { ...attributes, subresource },
        },
      },
    });
    return status?.allowed ?? false;
  };

  it.each([
    ['get', 'secrets', ''],
    ['list', 'secrets', ''],
    ['watch', 'secrets', ''],
    ['update', 'secrets', ''],
    ['patch', 'secrets', ''],
    ['delete', 'secrets', ''],
    ['create', 'pods/exec', ''],
    ['get', 'pods/log', ''],
    ['get', 'pods/proxy', ''],
    ['update', 'pods', ''],
    ['delete', 'persistentvolumeclaims', ''],
    ['delete', 'services', ''],
    ['get', 'configmaps', ''],
    ['list', 'nodes', ''],
    ['create', 'serviceaccounts/token', ''],
    ['patch', 'whatsappsessions', 'whatsapp-operator.io'],
    ['delete', 'whatsappsessions', 'whatsapp-operator.io'],
    ['create', 'roles', 'rbac.authorization.k8s.io'],
    ['patch', 'customresourcedefinitions', 'apiextensions.k8s.io'],
    ['update', 'leases', 'coordination.k8s.io'],
  ])('do not let it %s %s', async (verb, resource, group) => {
    expect(await can(verb, resource, group)).toBe(false);
  });

  it('let it do everything on the list', async () => {
    const refused: string[] = [];
    for (const { group, plural, subresource, verbs } of sessionPermissions) {
      const resource = subresource === undefined ? plural : `${plural}/${subresource}`;
      for (const verb of verbs) if (!(await can(verb, resource, group))) refused.push(`${verb} ${resource}`);
    }
    expect(refused).toEqual([]);
  });
});

describe('an upgrade', () => {
  it('brings a newer resource along and replaces no session', async () => {
    expect(await columns()).toContain('Reboots');
    const before = await identity();
    await world.install({ values: { logLevel: 'debug' } });
    expect(await columns()).toContain('Restarts');
    expect(await columns()).not.toContain('Reboots');
    await waitFor(world, tenant.name, NAME, 'condition=Ready');
    expect(await identity()).toEqual(before);
  });
});

describe('an uninstallation', () => {
  it('leaves the resource and every session, which goes on and is found again', async () => {
    const before = await identity();
    await world.uninstall();
    expect(await world.read(world.release.namespace, 'deployments', '{.items[*].metadata.name}')).toBe('');
    expect(await world.read('default', CRD, '{.metadata.name}')).not.toBe('');
    expect(await identity()).toEqual(before);
    expect(await world.read(tenant.name, `pod/${NAME}`, '{.status.phase}')).toBe('Running');

    await world.install();
    await expectService();
    expect(await identity()).toEqual(before);
  });
});
