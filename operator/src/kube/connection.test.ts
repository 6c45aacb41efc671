import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { type Access, createConnection } from './connection.ts';
import { inClusterAccess, isInCluster, kubeConfigAccess } from './credentials.ts';
import { VirtualClock } from './testing/virtual-clock.ts';

const access = (changes: Partial<Access> = {}): Access => ({
  server: 'https://10.0.0.1:6443/behind/',
  headers: { authorization: 'Bearer 1' },
  tls: { ca: 'CA' },
  ...changes,
});

describe('a connection', () => {
  it('reads the access once for many, and again after a while', async () => {
    const clock = new VirtualClock();
    let reads = 0;
    const source = async () => access({ headers: { authorization: `Bearer ${++reads}` } });
    const connection = createConnection({ access: source, clock, refreshMs: 30_000 });
    await Promise.all([connection.link(), connection.link(), connection.link(true)]);
    const first = await connection.link();
    expect(reads).toBe(1);
    clock.jump(30_000);
    const second = await connection.link();
    expect([reads, second.headers]).toEqual([2, { authorization: 'Bearer 2' }]);
    // A new token is no reason for new connections.
    expect(second.requests).toBe(first.requests);
    await connection.link(true);
    expect(reads).toBe(3);
    await connection.close();
  });

  it.each([
    { what: 'certificate authority', changes: { tls: { ca: 'other' } } },
    { what: 'client certificate', changes: { tls: { ca: 'CA', cert: 'C', key: 'K' } } },
    { what: 'server', changes: { server: 'https://10.0.0.2:6443' } },
  ])('opens new connections for another $what', async ({ changes }) => {
    let now = access();
    const connection = createConnection({ access: async () => now });
    const before = await connection.link();
    now = access(changes);
    expect((await connection.link(true)).requests).not.toBe(before.requests);
    await connection.close();
  });

  it('keeps the path behind which the API lies', async () => {
    const connection = createConnection({ access: async () => access() });
    expect(await connection.link()).toMatchObject({
      origin: 'https://10.0.0.1:6443',
      pathPrefix: '/behind',
      host: '10.0.0.1:6443',
    });
    await connection.close();
  });

  it('says that it is the credentials which fail, and tries again the next time', async () => {
    let broken = true;
    const connection = createConnection({
      access: async () => {
        if (broken) throw new Error('the plugin is missing');
        return access();
      },
    });
    await expect(connection.link()).rejects.toMatchObject({ code: 'credentials', class: 'retry' });
    broken = false;
    const link = await connection.link();
    // From now on there is something to fall back on.
    broken = true;
    expect(await connection.link(true)).toBe(link);
    await connection.close();
  });
});

describe('the access of a pod', () => {
  it.each([
    { host: '10.96.0.1', server: 'https://10.96.0.1:443' },
    { host: 'fd00::1', server: 'https://[fd00::1]:443' },
  ])('at $host is $server with the token that holds now', async ({ host, server }) => {
    const dir = await mkdtemp(join(tmpdir(), 'access-'));
    await writeFile(join(dir, 'token'), 'first\n');
    await writeFile(join(dir, 'ca.crt'), 'CA');
    const env = { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: '443' };
    const source = inClusterAccess(env, dir);
    expect(await source()).toEqual({ server, headers: { authorization: 'Bearer first' }, tls: { ca: 'CA' } });
    await writeFile(join(dir, 'token'), 'second');
    expect((await source()).headers).toEqual({ authorization: 'Bearer second' });
    expect([isInCluster(env), isInCluster({})]).toEqual([true, false]);
    await rm(dir, { recursive: true });
  });
});

describe('the access of a kubeconfig', () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const configOf = (user: object, cluster: object = {}) => {
    const config = new KubeConfig();
    config.loadFromString(
      JSON.stringify({
        apiVersion: 'v1',
        clusters: [{ name: 'c', cluster: { server: 'https://api:6443', ...cluster } }],
        users: [{ name: 'u', user }],
        contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
        'current-context': 'x',
      }),
    );
    return kubeConfigAccess(config);
  };

  it('has the client certificate, the authority and the name that the server goes by', async () => {
    const source = configOf(
      { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') },
      { 'certificate-authority-data': base64('CA'), 'tls-server-name': 'kubernetes' },
    );
    expect(await source()).toMatchObject({
      server: 'https://api:6443',
      tls: { ca: 'CA', cert: 'CERT', key: 'KEY', servername: 'kubernetes' },
    });
  });

  it.each([
    { what: 'a token', user: { token: 'abc' }, authorization: 'Bearer abc' },
    {
      what: 'a password',
      user: { username: 'me', password: 'pw' },
      authorization: `Basic ${base64('me:pw')}`,
    },
    {
      what: 'an exec plugin',
      user: {
        exec: {
          apiVersion: 'client.authentication.k8s.io/v1',
          command: process.execPath,
          args: ['-e', 'console.log(JSON.stringify({ status: { token: "made" } }))'],
        },
      },
      authorization: 'Bearer made',
    },
  ])('has what $what gives', async ({ user, authorization }) => {
    expect((await configOf(user)()).headers['authorization']).toBe(authorization);
  });

  it('skips the check of the certificate only where the kubeconfig says so', async () => {
    expect((await configOf({ token: 'a' })()).tls.rejectUnauthorized).toBeUndefined();
    const careless = configOf({ token: 'a' }, { 'insecure-skip-tls-verify': true });
    expect((await careless()).tls.rejectUnauthorized).toBe(false);
  });

  it.each([
    {
      what: 'a SOCKS proxy',
      source: configOf({ token: 'a' }, { 'proxy-url': 'socks5://p:1' }),
      message: 'SOCKS',
    },
    { what: 'no cluster', source: kubeConfigAccess(new KubeConfig()), message: 'names no cluster' },
  ])('fails clearly with $what', async ({ source, message }) => {
    await expect(source()).rejects.toThrow(message);
  });
});
