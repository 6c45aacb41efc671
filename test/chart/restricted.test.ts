import type { V1Container, V1PodSpec } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { restrictedProblems } from './restricted.ts';

const container: V1Container = {
  name: 'one',
  resources: { limits: { memory: '1Gi' } },
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  },
};
const good: V1PodSpec = {
  securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [container],
};
const withContext = (context: V1Container['securityContext']): V1PodSpec => ({
  ...good,
  containers: [{ ...container, securityContext: { ...container.securityContext, ...context } }],
});

describe('a pod', () => {
  it('that keeps to everything has no problem', () => {
    expect(restrictedProblems(good)).toEqual([]);
  });

  it.each<[string, V1PodSpec]>([
    ['shares namespaces of the host', { ...good, hostNetwork: true }],
    ['volume x is a folder of the host', { ...good, volumes: [{ name: 'x', hostPath: { path: '/' } }] }],
    ['one may run as root', { ...good, securityContext: { seccompProfile: { type: 'RuntimeDefault' } } }],
    ['one may run as root', withContext({ runAsNonRoot: false })],
    ['one runs as root', withContext({ runAsUser: 0 })],
    ['one is privileged', withContext({ privileged: true })],
    ['one may gain privileges', withContext({ allowPrivilegeEscalation: true })],
    ['one keeps capabilities', withContext({ capabilities: { drop: ['NET_RAW'] } })],
    ['one adds capabilities', withContext({ capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] } })],
    ['one has no seccomp profile', withContext({ seccompProfile: { type: 'Unconfined' } })],
    ['one can write to its root', withContext({ readOnlyRootFilesystem: false })],
    [
      'one takes a port of the host',
      { ...good, containers: [{ ...container, ports: [{ containerPort: 1, hostPort: 1 }] }] },
    ],
    [
      'two has no limit of memory',
      { ...good, initContainers: [{ ...container, name: 'two', resources: {} }] },
    ],
  ])('of which it is said: %s', (problem, spec) => {
    expect(restrictedProblems(spec)).toEqual([problem]);
  });
});
