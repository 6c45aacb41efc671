import { describe, expect, test } from 'vitest';
import { buildClaim } from './children/claim.ts';
import { decide } from './decide.ts';
import type { Observed } from './observed.ts';
import { container, live, NOW, podOf, running, settings, waiting, worldOf } from './testing/factories.ts';
import { answers, conditionOf, podPrint, refusal, session, withPod } from './testing/observations.ts';

describe('Ready', () => {
  const of = session();
  const lastRun = (exitCode: number, reason: string) => ({
    state: { waiting: { reason: 'CrashLoopBackOff' } },
    lastState: { terminated: { exitCode, reason, message: 'volume is full' } },
  });
  const rows: readonly (readonly [string, Observed, string, RegExp])[] = [
    ['a connected session', withPod(of, running(true)), 'Connected', /can leave now/],
    ['no pod yet', worldOf(of), 'PodStarting', /about to be made/],
    ['suspended', worldOf(session({ operatingMode: 'Suspended' })), 'Suspended', /Set it to Running/],
    [
      'image that is not there',
      withPod(of, waiting('ImagePullBackOff', 'not found')),
      'ImageUnavailable',
      /ImagePullBackOff: not found\. Look at spec\.image/,
    ],
    [
      'Secret of a variable that is not there',
      withPod(of, waiting('CreateContainerConfigError', 'secret "proxy" not found')),
      'SecretMissing',
      /secret "proxy" not found/,
    ],
    [
      'Secret that cannot be mounted',
      withPod(of, waiting('ContainerCreating'), {
        trouble: { uid: 'pod-1', reason: 'FailedMount', message: 'secret "k" not found' },
      }),
      'SecretMissing',
      /Create the Secret/,
    ],
    [
      'crash loop',
      withPod(of, container(lastRun(1, 'Error'))),
      'CrashLooping',
      /exit code 1: volume is full/,
    ],
    [
      'out of memory',
      withPod(of, container(lastRun(137, 'OOMKilled'))),
      'OutOfMemory',
      /Raise spec.resources.limits.memory/,
    ],
    [
      'no node for it',
      withPod(of, {
        phase: 'Pending',
        conditions: [
          { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes' },
        ],
      }),
      'Unschedulable',
      /0\/1 nodes/,
    ],
    [
      'no volume for it, says the scheduler',
      worldOf(of, {
        claim: { ...live(buildClaim(of), 'claim-1'), status: { phase: 'Pending' } },
        trouble: { uid: 'claim-1', reason: 'ProvisioningFailed', message: 'storageclass "x" not found' },
        pod: podOf(of, {
          phase: 'Pending',
          conditions: [
            {
              type: 'PodScheduled',
              status: 'False',
              reason: 'Unschedulable',
              message: 'unbound immediate PersistentVolumeClaims',
            },
          ],
        }),
      }),
      'StorageNotReady',
      /ProvisioningFailed: storageclass "x" not found/,
    ],
    [
      'no node for it, while the volume waits for one',
      worldOf(of, {
        claim: { ...live(buildClaim(of), 'claim-1'), status: { phase: 'Pending' } },
        pod: podOf(of, {
          phase: 'Pending',
          conditions: [
            { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes' },
          ],
        }),
      }),
      'Unschedulable',
      /0\/1 nodes/,
    ],
    [
      'quota',
      worldOf(of, {
        refusals: { pod: refusal('pods "sales" is forbidden: exceeded quota: q', podPrint(of)) },
      }),
      'QuotaExceeded',
      /Raise the quota/,
    ],
    [
      'pod security',
      worldOf(of, { refusals: { pod: refusal('violates PodSecurity "restricted:latest"', podPrint(of)) } }),
      'PodSecurityRefused',
      /podTemplate/,
    ],
    [
      'node that does not report',
      worldOf(of, {
        pod: {
          ...podOf(of),
          spec: { ...podOf(of).spec, nodeName: 'n1' },
          // As the node controller leaves it: it takes back Ready, and not what the kubelet said of the containers.
          status: {
            ...running(true),
            conditions: [
              { type: 'Ready', status: 'False' },
              { type: 'ContainersReady', status: 'True' },
            ],
          },
        },
      }),
      'NodeUnreachable',
      /never two browsers/,
    ],
    [
      'needs a scan',
      withPod(of, running(false), { answer: answers('Pairing') }),
      'PairingRequired',
      /kubectl was qr sales -n shop/,
    ],
    [
      'disconnected',
      withPod(of, running(false), { answer: answers('Disconnected', { reason: 'socket_lost' }) }),
      'Disconnected',
      /socket_lost.*still accepted/,
    ],
    ['unlinked', withPod(of, running(false), { answer: answers('LoggedOut') }), 'LoggedOut', /linked again/],
    [
      'given up by the engine',
      withPod(of, running(false), { answer: answers('Failed', { reason: 'tos_block' }) }),
      'SessionFailed',
      /tos_block/,
    ],
    [
      'silent for a minute',
      withPod(of, running(false), {
        answer: { kind: 'silent', podUID: 'pod-1', since: NOW - 60_000, error: 'timeout' },
      }),
      'SessionUnreachable',
      /NetworkPolicies/,
    ],
  ];
  test.each(rows)('%s', (_name, observed, reason, message) => {
    const ready = conditionOf(decide(observed, settings, NOW).status, 'Ready');
    expect(ready?.reason).toBe(reason);
    expect(ready?.message).toMatch(message);
    expect(ready?.status).toBe(
      reason === 'Connected' ? 'True' : reason === 'NodeUnreachable' ? 'Unknown' : 'False',
    );
  });
});
