import { get } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kubectl } from '../cluster/addons/apply.ts';
import type { Cluster } from '../cluster/cluster.ts';
import {
  drain,
  pauseOne,
  restartOne,
  resumeOne,
  setFakeNodes,
  startOne,
  stopOne,
  uncordon,
} from '../cluster/faults.ts';
import type { PartName } from '../cluster/parts/part.ts';
import { readSettings } from '../cluster/settings.ts';
import { clusterStatus } from '../cluster/status.ts';
import { connectTarget } from '../cluster/target.ts';
import { emptyVolume, fillVolume } from '../cluster/volumes.ts';
import { claim, createNamespace, isReady, probePod, restartsOf, type TestNamespace } from './namespace.ts';
import { callProbe, whoami } from './probe-client.ts';

const { local } = connectTarget(readSettings(process.env));

/** Only the local cluster's parts can be broken. */
describe.runIf(local !== undefined)('the local cluster, broken on purpose', () => {
  const cluster = local as Cluster;
  let namespace: TestNamespace;

  beforeAll(async () => {
    namespace = await createNamespace('faults');
    await namespace.create(claim('data', '64Mi'));
    await namespace.create(probePod(namespace, 'keeper', { claim: 'data' }));
    await namespace.podWhen('keeper', isReady, 120);
    await callProbe(namespace, 'keeper', 'PUT', '/data/note', 'kept');
  });

  afterAll(async () => {
    await uncordon(cluster);
    await namespace.dispose();
  });

  const survivors: readonly { readonly part: PartName; readonly kill: boolean }[] = [
    { part: 'kubelet', kill: false },
    { part: 'kubelet', kill: true },
    { part: 'apiserver', kill: false },
    { part: 'apiserver', kill: true },
    { part: 'etcd', kill: true },
    { part: 'containerd', kill: true },
  ];

  it.each(survivors)(
    'keeps its pods and their data over a restart of $part (SIGKILL: $kill)',
    async ({ part, kill }) => {
      const before = await whoami(namespace, 'keeper');
      await restartOne(cluster, part, kill);
      await namespace.podWhen('keeper', isReady);
      // The same process, not one that was started again.
      expect((await whoami(namespace, 'keeper')).bootId).toBe(before.bootId);
      expect((await callProbe(namespace, 'keeper', 'GET', '/data/note')).body).toBe('kept');
      expect(restartsOf(await namespace.pod('keeper'))).toBe(0);
    },
  );

  it('leaves a pod unscheduled while the scheduler is stopped, and schedules it after', async () => {
    await stopOne(cluster, 'scheduler', false);
    await namespace.create(probePod(namespace, 'waiting'));
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect((await namespace.pod('waiting')).spec?.nodeName).toBeUndefined();
    expect((await clusterStatus(cluster)).phase).toBe('Degraded');
    await startOne(cluster, 'scheduler');
    await namespace.podWhen('waiting', isReady);
    expect((await clusterStatus(cluster)).phase).toBe('Running');
  });

  it('does not answer while the API server is paused, and goes on after', async () => {
    await pauseOne(cluster, 'apiserver');
    expect((await clusterStatus(cluster)).parts.find((part) => part.name === 'apiserver')).toMatchObject({
      state: 'stopped',
      health: 'unhealthy',
    });
    await expect(kubectl(cluster, ['get', 'ns', '--request-timeout=2s'])).rejects.toThrow();
    await resumeOne(cluster, 'apiserver');
    expect(await kubectl(cluster, ['get', 'ns', '-o', 'name'])).toContain(`namespace/${namespace.name}`);
  });

  it('fills one volume to the last byte: writes to it fail with a clear error until it is emptied', async () => {
    const left = await fillVolume(cluster, namespace.name, 'data', 0);
    expect(left).toBeLessThan(64 * 1024);
    const refused = await callProbe(namespace, 'keeper', 'PUT', '/data/big', 'x'.repeat(256 * 1024));
    expect(refused).toMatchObject({ status: 507, body: { error: 'DISK_FULL' } });
    expect((await callProbe(namespace, 'keeper', 'GET', '/data/note')).body).toBe('kept');
    await emptyVolume(cluster, namespace.name, 'data');
    expect((await callProbe(namespace, 'keeper', 'PUT', '/data/big', 'x'.repeat(256 * 1024))).status).toBe(
      200,
    );
  });

  it('gives a volume exactly the size that was claimed', async () => {
    expect(await fillVolume(cluster, namespace.name, 'data', 1024 * 1024)).toBeLessThan(2 * 1024 * 1024);
    await emptyVolume(cluster, namespace.name, 'data');
  });

  it('plays as many simulated nodes as asked, whose pods run at once', async () => {
    await setFakeNodes(cluster, 3);
    const pod = probePod(namespace, 'played');
    await namespace.create({
      ...pod,
      spec: {
        ...pod.spec,
        nodeSelector: { type: 'kwok' },
        tolerations: [{ operator: 'Exists' }],
      },
    } as typeof pod);
    const played = await namespace.podWhen('played', isReady);
    expect(played.spec?.nodeName).toMatch(/^fake-/);
    await setFakeNodes(cluster, 1);
    expect((await kubectl(cluster, ['get', 'node', '-l', 'type=kwok', '-o', 'name'])).trim()).toBe(
      'node/fake-0',
    );
    await setFakeNodes(cluster, 0);
    expect(await kubectl(cluster, ['get', 'node', '-l', 'type=kwok', '-o', 'name'])).toBe('');
  });

  it('evicts its pods when it is drained, and takes pods again when it is uncordoned', async () => {
    await drain(cluster);
    await expect(namespace.pod('keeper')).rejects.toThrow();
    await namespace.create(probePod(namespace, 'keeper', { claim: 'data' }));
    const pending = await namespace.podWhen('keeper', (pod) =>
      (pod.status?.conditions ?? []).some((condition) => condition.reason === 'Unschedulable'),
    );
    expect(pending.spec?.nodeName).toBeUndefined();
    await uncordon(cluster);
    await namespace.podWhen('keeper', isReady);
    expect((await callProbe(namespace, 'keeper', 'GET', '/data/note')).body).toBe('kept');
  });

  it.each([
    { part: 'the API server', path: '/metrics', metric: 'apiserver_request_total' },
    { part: 'the kubelet', path: '/api/v1/nodes/NODE/proxy/metrics', metric: 'kubelet_running_pods' },
    {
      part: 'cAdvisor',
      path: '/api/v1/nodes/NODE/proxy/metrics/cadvisor',
      metric: 'container_memory_working_set_bytes',
    },
  ])('shows the metrics of $part through the API server', async ({ path, metric }) => {
    const metrics = await kubectl(cluster, ['get', '--raw', path.replace('NODE', cluster.nodeName)]);
    expect(metrics).toContain(metric);
  });

  it.each([
    { part: 'etcd', url: 'http://NODE:2381/metrics', metric: 'etcd_server_has_leader' },
    { part: 'kube-proxy', url: 'http://NODE:10249/metrics', metric: 'kubeproxy_sync_proxy_rules' },
  ])('shows the metrics of $part on its own port', async ({ url, metric }) => {
    const response = await fetch(url.replace('NODE', cluster.addresses.node));
    expect(await response.text()).toContain(metric);
  });

  it.each([
    { part: 'controller-manager', port: 10257, metric: 'workqueue_adds_total' },
    { part: 'scheduler', port: 10259, metric: 'scheduler_pending_pods' },
  ])('shows the metrics of the $part to those with the right', async ({ port, metric }) => {
    const options = {};
    await namespace.target.kubeConfig.applyToHTTPSOptions(options);
    const text = await new Promise<string>((resolve, reject) => {
      get(`https://${cluster.addresses.node}:${port}/metrics`, options, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          body += chunk;
        });
        response.on('end', () => resolve(body));
      }).on('error', reject);
    });
    expect(text).toContain(metric);
  });
});
