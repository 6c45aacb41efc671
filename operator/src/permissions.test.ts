import { describe, expect, it } from 'vitest';
import type { KubeClient } from './kube/client.ts';
import { leases, pods, secrets } from './kube/resource.ts';
import { leaderPermissions, policyRule, sessionPermissions } from './permissions.ts';
import { permittedClient } from './permitted-client.ts';

describe('the list of permissions', () => {
  it('holds nothing on Secrets but create', () => {
    const onSecrets = [...sessionPermissions, ...leaderPermissions].filter(
      ({ plural }) => plural === 'secrets',
    );
    expect(onSecrets.flatMap(({ verbs }) => verbs)).toEqual(['create']);
  });

  it('has no wildcards, and each resource once', () => {
    const rules = sessionPermissions.map(policyRule);
    expect(JSON.stringify(rules)).not.toContain('*');
    const resources = rules.flatMap((rule) => rule.resources);
    expect(new Set(resources).size).toBe(resources.length);
  });

  it('names the status as a resource of its own', () => {
    expect(sessionPermissions.map(policyRule)).toContainEqual({
      apiGroups: ['whatsapp-operator.io'],
      resources: ['whatsappsessions/status'],
      verbs: ['patch'],
    });
  });
});

describe('a client that keeps to the list', () => {
  const answer = { asked: true };
  const everything = new Proxy({} as KubeClient, { get: () => async () => answer });
  const client = permittedClient(everything, sessionPermissions);
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key', namespace: 'default' } };

  it('passes on what is in it', async () => {
    await expect(client.create(secrets, secret)).resolves.toBe(answer);
    await expect(client.list(pods)).resolves.toBe(answer);
  });

  it.each([
    ['get secrets', () => client.get(secrets, { name: 'key', namespace: 'default' })],
    ['list secrets', () => client.list(secrets)],
    ['watch secrets', () => client.watch(secrets, { resourceVersion: '0', timeoutSeconds: 1 }, {})],
    ['update secrets', () => client.replace(secrets, secret)],
    [
      'patch pods/status',
      () =>
        client.patch(
          pods,
          { name: 'a', namespace: 'b' },
          { type: 'merge', body: {} },
          { subresource: 'status' },
        ),
    ],
    ['delete secrets', () => client.delete(secrets, { name: 'key', namespace: 'default' })],
    ['get leases', () => client.get(leases, { name: 'lead', namespace: 'default' })],
  ])('refuses to %s', async (request, call) => {
    await expect(call()).rejects.toMatchObject({
      code: 'not_permitted',
      message: expect.stringContaining(request),
    });
  });
});
