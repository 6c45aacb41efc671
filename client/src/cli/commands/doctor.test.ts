import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DISCOVERY_PATH } from '../testing/fake-cluster.ts';
import { connected, unready, World } from '../testing/world.ts';

/** What is wrong around the sessions, in clusters that are sick in known ways. */

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.dispose());

describe('doctor', () => {
  function healthy(): void {
    world.cluster.objects.set('/version', { major: '1', minor: '35', gitVersion: 'v1.35.0' });
    world.cluster.objects.set('/apis/apps/v1/deployments', {
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
    world.cluster.objects.set('/apis/storage.k8s.io/v1/storageclasses', {
      items: [
        {
          metadata: { name: 'local', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
          provisioner: 'csi.example',
        },
      ],
    });
    world.cluster.objects.set('/api/v1/namespaces/shop/pods', { items: [] });
    world.cluster.objects.set('/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices', {
      items: [{ endpoints: [{ conditions: { ready: true } }] }],
    });
  }

  it('finds nothing in a healthy cluster', async () => {
    healthy();
    world.add('sales', { status: connected });
    const { out, exitCode } = await world.was(['doctor']);
    await expect(out).toMatchFileSnapshot('../testing/golden/doctor-healthy.txt');
    expect(exitCode).toBe(0);
  });

  it('says what is wrong, and what to do about each', async () => {
    healthy();
    world.cluster.objects.set('/version', { major: '1', minor: '27+', gitVersion: 'v1.27.3' });
    const old = await world.was(['doctor']);
    expect(old.out).toContain('1.29 or newer');
    expect(old.exitCode).toBe(1);
    healthy();
    world.cluster.objects.set('/apis/apps/v1/deployments', { items: [] });
    world.cluster.objects.set('no-patch', {});
    world.cluster.objects.set('/apis/storage.k8s.io/v1/storageclasses', { items: [] });
    world.cluster.objects.set('/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices', {
      items: [{ endpoints: [{ conditions: { ready: false } }] }],
    });
    world.cluster.objects.set('/api/v1/namespaces/shop/pods', {
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
    world.add('sales', { status: unready('Pending', 'ImageUnavailable', 'ImagePullBackOff') });
    const { out, exitCode } = await world.was(['doctor']);
    await expect(out).toMatchFileSnapshot('../testing/golden/doctor-sick.txt');
    expect(exitCode).toBe(1);
  });

  it('looks on where it has no right to look', async () => {
    healthy();
    world.cluster.forbidden.push(/deployments/, /storageclasses/);
    const { out, exitCode } = await world.was(['doctor', '-o', 'json']);
    const verdicts = Object.fromEntries(
      (JSON.parse(out) as { check: string; verdict: string }[]).map(({ check, verdict }) => [check, verdict]),
    );
    expect(verdicts).toMatchObject({ Operator: 'skip', Storage: 'skip', DNS: 'ok' });
    expect(exitCode).toBe(0);
  });

  it('says that the resource is missing', async () => {
    healthy();
    world.cluster.objects.delete(DISCOVERY_PATH);
    expect((await world.was(['doctor'])).out).toContain('install the chart');
    expect((await world.was(['list'])).err).toContain('the cluster does not know WhatsAppSessions');
  });
});
