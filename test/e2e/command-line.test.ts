import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type CommandResult, runCommand, tryCommand } from '../machine/command.ts';
import {
  applySession,
  type ChartWorld,
  createChartWorld,
  FRIEND,
  NUMBER,
  waitFor,
  withApis,
} from './chart-world.ts';
import { createNamespace, type TestNamespace } from './namespace.ts';

/** `kubectl was`, as kubectl runs it, by somebody with no more rights than the commands need. */
const NAME = 'sales';
const PLUGIN = new URL('../../client/src/cli/kubectl-was.ts', import.meta.url).pathname;

let world: ChartWorld;
let tenant: TestNamespace;
let folder: string;
let kubeconfig: string;

const was = (...args: readonly string[]): Promise<CommandResult> => {
  const { kubectl, env } = world.namespace.target.commands;
  const path = [folder, dirname(kubectl), process.env['PATH']].join(delimiter);
  return tryCommand([kubectl, 'was', ...args], { env: { ...env, PATH: path, KUBECONFIG: kubeconfig } });
};

/** Runs it, and fails with all that it said unless it ends with 0. */
const done = async (...args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await was(...args);
  if (code === 0) return stdout;
  const log = await was('logs', NAME, '--tail', '30');
  throw new Error(`kubectl was ${args.join(' ')}: exit code ${code}\n${stdout}${stderr}\n${log.stdout}`);
};

/** The rules that the README asks for. */
async function documentedRules(): Promise<unknown> {
  const readme = await readFile(new URL('../../client/README.md', import.meta.url), 'utf8');
  const role = /^```yaml\n([\s\S]*?)^```/m.exec(readme)?.[1] ?? '';
  return (parse(role) as { readonly rules: unknown }).rules;
}

/** A kubeconfig of a ServiceAccount that may do what the README says, in one namespace. */
async function clerk(): Promise<string> {
  const { kubectl, env } = world.namespace.target.commands;
  const apply = (kind: string, more: object) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind,
    metadata: { name: 'clerk' },
    ...more,
  });
  const items = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'clerk' } },
    apply('Role', { rules: await documentedRules() }),
    apply('RoleBinding', {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'clerk' },
      subjects: [{ kind: 'ServiceAccount', name: 'clerk', namespace: tenant.name }],
    }),
  ];
  await runCommand([kubectl, 'apply', '-n', tenant.name, '-f', '-'], {
    env,
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
  });
  const token = await world.kubectl('create', 'token', 'clerk', '-n', tenant.name);
  const cluster = world.namespace.target.kubeConfig.getCurrentCluster();
  const file = join(folder, 'kubeconfig');
  await writeFile(
    file,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'clerk',
      contexts: [{ name: 'clerk', context: { cluster: 'c', user: 'clerk', namespace: tenant.name } }],
      clusters: [
        { name: 'c', cluster: { server: cluster?.server, 'certificate-authority-data': await authority() } },
      ],
      users: [{ name: 'clerk', user: { token: token.trim() } }],
    }),
  );
  return file;
}

async function authority(): Promise<string | undefined> {
  const cluster = world.namespace.target.kubeConfig.getCurrentCluster();
  return (
    cluster?.caData ?? (cluster?.caFile === undefined ? undefined : await readFile(cluster.caFile, 'base64'))
  );
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubectl-was-'));
  await writeFile(join(folder, 'kubectl-was'), `#!/bin/sh\nexec ${process.execPath} ${PLUGIN} "$@"\n`);
  await chmod(join(folder, 'kubectl-was'), 0o755);
  world = await createChartWorld('command-line', { sandbox: { enabled: true } });
  tenant = await createNamespace('clerks', { 'pod-security.kubernetes.io/enforce': 'restricted' });
  await world.install();
  kubeconfig = await clerk();
}, 360_000);
afterAll(async () => {
  await world.kubectl('delete', 'was', '--all', '-n', tenant.name, '--wait');
  await tenant.dispose();
  await world.dispose();
  await rm(folder, { recursive: true, force: true });
}, 360_000);

describe('kubectl was', () => {
  it('finds nothing wrong around a new installation, and no session', async () => {
    const report = await done('doctor');
    expect(report).toMatch(/^ok +Resource +WhatsAppSession v1alpha1 is served/m);
    expect(report).toMatch(/^ok +Your rights/m);
    expect((await was('list')).stderr).toContain('There are no sessions');
    expect((await was('status', NAME)).code).toBe(3);
  });

  it('shows the code until the phone has scanned it', async () => {
    await applySession(world, tenant.name, NAME);
    await waitFor(world, tenant.name, NAME, 'jsonpath={.status.phase}=Pairing');
    expect((await was('status', NAME)).stdout).toContain(`kubectl was qr ${NAME} -n ${tenant.name}`);
    const linking = done('qr', NAME, '--timeout', '2m');
    await withApis(world, { namespace: tenant.name, name: NAME }, async (api, sandbox) => {
      await expect
        .poll(
          async () =>
            await sandbox
              .call('scan', { params: { number: NUMBER }, body: { qr: await api.qr('json') } })
              .then(() => 'scanned', String),
          { timeout: 60_000 },
        )
        .toBe('scanned');
    });
    expect(await linking).toContain(`Linked as ${NUMBER}`);
    await waitFor(world, tenant.name, NAME, 'condition=Ready');
  });

  it('lists, sends, follows, shows and logs, through the API server alone', async () => {
    expect(await done('list')).toMatch(/^sales +Connected +True/m);
    expect(await done('send', NAME, FRIEND, 'by the command line')).toMatch(/accepted.*\nsent.*\ndelivered/);
    const file = join(folder, 'note.txt');
    await writeFile(file, 'a note');
    const id = (await done('send', NAME, FRIEND, 'with a file', '--file', file, '-o', 'name')).trim();
    expect(await done('messages', NAME, id)).toMatch(/Status +(delivered|read)/);
    expect(await done('status', NAME)).toContain('Ready: a message handed over now can leave now.');
    expect(await done('logs', NAME, '--tail', '5')).toContain('"level"');
    expect(await done('monitor', '--once')).toMatch(/sales +Connected +- +491510000001 +0 +0/);
    const page = join(folder, 'page.png');
    await done('screenshot', NAME, page);
    expect((await readFile(page)).subarray(1, 4).toString()).toBe('PNG');
    await done('reconnect', NAME, '--wait');
  });

  it('replaces the pod while messages are handed over: each arrives exactly once', async () => {
    await waitFor(world, tenant.name, NAME, 'condition=Ready');
    const pod = await world.read(tenant.name, `pod/${NAME}`, '{.metadata.uid}');
    const texts = ['before', 'during', 'after'].map((moment) => `${moment} the restart`);
    const restarting = done('restart', NAME, '--wait');
    for (const text of texts) await done('send', NAME, FRIEND, text, '--timeout', '3m');
    expect(await restarting).toContain('ready again');
    expect(await world.read(tenant.name, `pod/${NAME}`, '{.metadata.uid}')).not.toBe(pod);
    await withApis(world, { namespace: tenant.name, name: NAME }, async (_, sandbox) => {
      const delivered = await sandbox.call('ledger', { query: { kind: 'delivered' } });
      const got = delivered.map(({ detail }) => detail).filter((detail) => texts.includes(detail ?? ''));
      expect(got).toEqual(texts);
    });
  });

  it('suspends and resumes', async () => {
    await done('suspend', NAME, '--wait');
    expect(await world.read(tenant.name, `pod/${NAME}`, '{.metadata.name}')).toBe('');
    expect((await was('send', NAME, FRIEND, 'to nobody')).code).toBe(6);
    await done('resume', NAME, '--wait');
  });

  it('logs out, and then says that a person is needed', async () => {
    await done('logout', NAME, '--yes');
    await waitFor(world, tenant.name, NAME, 'jsonpath={.status.phase}=Pairing');
    expect((await was('status', NAME)).code).toBe(6);
  });

  it('says what right is missing', async () => {
    const { code, stderr } = await was('list', '-A');
    expect(code).toBe(4);
    expect(stderr).toContain('forbidden');
    expect(stderr).not.toContain('    at ');
  });
});
