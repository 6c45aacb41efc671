import type { Condition, SessionStatus, WhatsAppSession } from '@whatsapp-operator/api/resource';
import { describe, expect, it, test } from 'vitest';
import type { PodStatus } from '../kube/pod.ts';
import { fingerprint } from './canonical.ts';
import { buildClaim } from './children/claim.ts';
import { buildPod } from './children/pod.ts';
import { decide } from './decide.ts';
import type { Answer, Observed, Refusal } from './observed.ts';
import { podInputs } from './pod-inputs.ts';
import {
  at,
  container,
  live,
  NOW,
  podOf,
  running,
  sessionOf,
  settings,
  waiting,
  worldOf,
} from './testing/factories.ts';

const keyed: SessionStatus = {
  apiKeySecret: 'sales-api-key',
  restarts: { count: 0, podUID: 'pod-1', containerRestarts: 0 },
};
const session = (fields: object = {}, more: Parameters<typeof sessionOf>[1] = {}) =>
  sessionOf(fields, { status: keyed, ...more });

const conditionOf = ({ conditions }: SessionStatus, type: string): Condition | undefined =>
  conditions?.find((condition) => condition.type === type);

/** The steps as a person would tell them. */
const planOf = (observed: Observed): readonly string[] =>
  decide(observed, settings, NOW).steps.map((step) =>
    step.kind === 'create' || step.kind === 'update' ? `${step.kind} ${step.child}` : step.kind,
  );

const withPod = (of: WhatsAppSession, status: PodStatus, more: Partial<Observed> = {}) =>
  worldOf(of, { pod: podOf(of, status), ...more });

const answers = (state: string, more: object = {}): Answer => ({
  kind: 'status',
  podUID: 'pod-1',
  at: NOW,
  status: { state, reason: 'progress', detail: '', registrationDurable: true, ...more } as never,
});

const refusal = (message: string, of: string, retryAt = NOW + 5000): Refusal => ({
  fingerprint: of,
  code: 403,
  reason: 'Forbidden',
  message,
  retryAt,
  count: 1,
});

const podPrint = (of: WhatsAppSession) => fingerprint(buildPod(of, podInputs(of, settings.defaultImage)));

const updating = (reason: string, status: 'True' | 'False', secondsAgo: number): SessionStatus => ({
  ...keyed,
  conditions: [
    {
      type: 'Updating',
      status,
      reason,
      message: 'spec.resources changed',
      lastTransitionTime: at(secondsAgo),
    },
  ],
});

describe('the plan', () => {
  const foreign = (name: 'claim' | 'service' | 'pod') => {
    const of = session();
    const whole = withPod(of, running(true));
    const object = whole[name];
    if (object === undefined) throw new Error(name);
    const stranger = [
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'other', uid: 'x', controller: true },
    ];
    return { ...whole, [name]: { ...object, metadata: { ...object.metadata, ownerReferences: stranger } } };
  };
  const retained = (labels: Record<string, string>) => {
    const whole = worldOf(session());
    return {
      ...whole,
      claim: whole.claim && { ...whole.claim, metadata: { ...whole.claim.metadata, labels } },
    };
  };
  const fresh = sessionOf();
  const changed = session({ resources: { limits: { memory: '2Gi' } } });
  const before = podOf(session(), running(true));
  const orphan = podOf(session(), running(true));

  const rows: readonly (readonly [string, Observed, readonly string[]])[] = [
    [
      'a new session gets everything, the pod last',
      worldOf(fresh, { claim: undefined, service: undefined, networkPolicy: undefined }),
      ['create claim', 'create-api-key', 'create service', 'create networkPolicy', 'create pod'],
    ],
    [
      'a key that was named is not generated',
      worldOf(sessionOf({ apiKeySecretRef: { name: 'k', key: 'k' } })),
      ['create pod'],
    ],
    ['a session whose pod is lost gets it again, and nothing else', worldOf(session()), ['create pod']],
    ['a session that is as it should be: nothing', withPod(session(), running(true)), []],
    [
      'suspended: its pod ends',
      withPod(session({ operatingMode: 'Suspended' }), running(true)),
      ['delete-pod'],
    ],
    ['suspended, and the pod is gone: nothing', worldOf(session({ operatingMode: 'Suspended' })), []],
    [
      'paused: nothing, whatever is missing',
      worldOf(session({}, { annotations: { 'whatsapp-operator.io/paused': '' } }), { service: undefined }),
      [],
    ],
    [
      'paused: false means not paused',
      worldOf(session({}, { annotations: { 'whatsapp-operator.io/paused': 'false' } })),
      ['create pod'],
    ],
    [
      'an evicted pod is taken away',
      withPod(session(), { phase: 'Failed', reason: 'Evicted' }),
      ['delete-pod'],
    ],
    [
      'a pod that was evicted a moment after it was made waits',
      worldOf(session(), { pod: podOf(session(), { phase: 'Failed', reason: 'Evicted' }, 2) }),
      [],
    ],
    ['a changed template replaces the pod', worldOf(changed, { pod: before }), ['delete-pod']],
    ['unless its turn has not come', worldOf(changed, { pod: before, othersUpdating: 2 }), []],
    [
      'a pod that cannot work waits for no turn',
      worldOf(changed, { pod: { ...before, status: waiting('ImagePullBackOff') }, othersUpdating: 2 }),
      ['delete-pod'],
    ],
    [
      'a successor that the API server refuses ends nothing',
      worldOf(changed, {
        pod: before,
        refusals: { pod: refusal('violates PodSecurity', podPrint(changed)) },
      }),
      [],
    ],
    [
      'a restart that was asked for replaces the pod',
      worldOf(session({}, { annotations: { 'whatsapp-operator.io/restart-at': 'now' } }), { pod: before }),
      ['delete-pod'],
    ],
    [
      'and is not done twice',
      withPod(session({}, { annotations: { 'whatsapp-operator.io/restart-at': 'now' } }), running(true)),
      [],
    ],
    ["somebody else's pod is left alone", foreign('pod'), []],
    ["somebody else's Service is left alone, and the pod that runs stays", foreign('service'), []],
    ["with somebody else's claim no pod is made", { ...foreign('claim'), pod: undefined }, []],
    [
      'a retained claim is taken up again by its label',
      retained({
        'app.kubernetes.io/managed-by': 'whatsapp-operator',
        'whatsapp-operator.io/session': 'sales',
      }),
      ['update claim', 'create pod'],
    ],
    [
      'a claim whose label names another session is not',
      retained({
        'app.kubernetes.io/managed-by': 'whatsapp-operator',
        'whatsapp-operator.io/session': 'other',
      }),
      [],
    ],
    ['a claim without labels is not', retained({}), []],
    [
      'a pod that lost its owner is owned again without a restart',
      worldOf(session(), { pod: { ...orphan, metadata: { ...orphan.metadata, ownerReferences: [] } } }),
      ['update pod'],
    ],
    [
      'a refused write waits for its time',
      worldOf(session(), { refusals: { pod: refusal('exceeded quota', podPrint(session())) } }),
      [],
    ],
    [
      'and is tried again then',
      worldOf(session(), { refusals: { pod: refusal('exceeded quota', podPrint(session()), NOW) } }),
      ['create pod'],
    ],
    [
      'the claim grows',
      { ...withPod(session({ storage: { size: '2Gi' } }), running(true)), claim: worldOf(session()).claim },
      ['update claim'],
    ],
    [
      'the claim never shrinks',
      { ...withPod(session(), running(true)), claim: worldOf(session({ storage: { size: '2Gi' } })).claim },
      [],
    ],
  ];
  test.each(rows)('%s', (_name, observed, plan) => {
    expect(planOf(observed)).toEqual(plan);
  });

  it('tells the status before it ends a pod, so that the reason outlives the operator', () => {
    expect(decide(worldOf(changed, { pod: before }), settings, NOW)).toMatchObject({
      statusFirst: true,
      takesTurn: true,
    });
  });
});

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

describe('the restart budget', () => {
  const crashed = (
    restartCount: number,
    terminated: object = { exitCode: 1, reason: 'Error', finishedAt: at(5) },
  ) => running(false, { restartCount, lastState: { terminated } as never });
  const counted = (count: number, secondsAgo: number): SessionStatus => ({
    ...keyed,
    restarts: { count, windowStart: at(secondsAgo), podUID: 'pod-1', containerRestarts: count },
  });
  const look = (status: SessionStatus, pod: PodStatus, more: Parameters<typeof sessionOf>[1] = {}) => {
    const of = sessionOf({}, { status, ...more });
    const decision = decide(worldOf(of, { pod: podOf(sessionOf(), pod) }), settings, NOW);
    return {
      count: decision.status.restarts?.count,
      phase: decision.status.phase,
      steps: decision.steps.map(({ kind }) => kind),
    };
  };

  it('counts a crash', () => {
    expect(look(counted(1, 60), crashed(2))).toMatchObject({ count: 2, steps: [] });
  });
  it('stops the pod with the one that is too many', () => {
    expect(look(counted(5, 60), crashed(6))).toEqual({ count: 6, phase: 'Failed', steps: ['delete-pod'] });
  });
  it('begins a new window after the old one', () => {
    expect(look(counted(5, 700), crashed(6))).toMatchObject({ count: 1, steps: [] });
  });
  it('does not count what a node lost with itself', () => {
    expect(
      look(counted(5, 60), crashed(6, { exitCode: 137, reason: 'ContainerStatusUnknown' })),
    ).toMatchObject({ count: 5 });
  });
  it('counts nothing twice', () => {
    expect(look(counted(3, 60), crashed(3))).toMatchObject({ count: 3 });
  });
  it('does not hold the past of a pod against a session whose status was lost', () => {
    const of = sessionOf();
    const { status } = decide(worldOf(of, { pod: podOf(of, crashed(40)) }), settings, NOW);
    expect(status.restarts).toMatchObject({ count: 0, containerRestarts: 40 });
  });

  const exceeded: SessionStatus = {
    ...counted(6, 60),
    conditions: [
      {
        type: 'RestartLimitExceeded',
        status: 'True',
        reason: 'TooManyRestarts',
        message: 'm',
        lastTransitionTime: at(30),
        observedGeneration: 1,
      },
    ],
  };
  const stopped = (more: Parameters<typeof sessionOf>[1] = {}) =>
    decide(worldOf(sessionOf({}, { status: exceeded, ...more })), settings, NOW);
  it('stays stopped without being told otherwise', () => {
    expect(stopped().steps).toEqual([]);
    expect(stopped().status.phase).toBe('Failed');
  });
  it.each([
    ['a changed spec', { generation: 2 }],
    ['a restart that is asked for', { annotations: { 'whatsapp-operator.io/restart-at': 'now' } }],
  ])('begins again with %s', (_name, more) => {
    expect(stopped(more).steps.map(({ kind }) => kind)).toEqual(['create']);
    expect(stopped(more).status.restarts?.count).toBe(0);
  });
});

describe('a replacement', () => {
  it('is over when the session is back', () => {
    const of = sessionOf({}, { status: updating('ReplacingPod', 'True', 20) });
    const { status } = decide(withPod(of, running(true)), settings, NOW);
    expect(conditionOf(status, 'Updating')).toBeUndefined();
  });
  it('goes on while the successor starts', () => {
    const of = sessionOf({}, { status: updating('ReplacingPod', 'True', 20) });
    const { status } = decide(withPod(of, waiting('ContainerCreating')), settings, NOW);
    expect(conditionOf(status, 'Updating')).toMatchObject({ status: 'True', lastTransitionTime: at(20) });
  });
  it('holds nobody up after its time', () => {
    const of = sessionOf({}, { status: updating('ReplacingPod', 'True', 301) });
    expect(
      conditionOf(decide(withPod(of, running(false)), settings, NOW).status, 'Updating'),
    ).toBeUndefined();
  });
  it('waits in sight of everybody', () => {
    const of = sessionOf({ resources: { limits: { memory: '2Gi' } } }, { status: keyed });
    const { status } = decide(
      worldOf(of, { pod: podOf(sessionOf(), running(true)), othersUpdating: 2 }),
      settings,
      NOW,
    );
    expect(conditionOf(status, 'Updating')).toMatchObject({ status: 'False', reason: 'WaitingForTurn' });
    expect(conditionOf(status, 'Updating')?.message).toContain('spec.resources.limits.memory changed');
  });
});

describe('the image', () => {
  const upgraded = { ...settings, defaultImage: 'session:2' };
  it('stays when the operator is upgraded', () => {
    const { steps, status } = decide(withPod(session(), running(true)), upgraded, NOW);
    expect(steps).toEqual([]);
    expect(status.image).toBe('session:1');
  });
  it('stays when the pod is lost after an upgrade', () => {
    const { steps } = decide(
      worldOf(session({}, { status: { ...keyed, image: 'session:1' } })),
      upgraded,
      NOW,
    );
    expect(steps).toMatchObject([{ object: { spec: { containers: [{ image: 'session:1' }] } } }]);
  });
  it('is chosen anew by a session that goes on after a suspension', () => {
    const suspended = session({ operatingMode: 'Suspended' }, { status: { ...keyed, image: 'session:1' } });
    const { status } = decide(worldOf(suspended), upgraded, NOW);
    expect(status.image).toBeUndefined();
    const { steps } = decide(worldOf(session({}, { status })), upgraded, NOW);
    expect(steps).toMatchObject([{ object: { spec: { containers: [{ image: 'session:2' }] } } }]);
  });
});

describe('the status', () => {
  it('of a world that did not change is the same, also before the pod was asked', () => {
    const of = sessionOf();
    const account = { id: '4915@c.us', name: 'Sales', platform: 'android' };
    const connectedSince = at(50);
    const first = decide(
      withPod(of, running(true), { answer: answers('Connected', { account, connectedSince }) }),
      settings,
      NOW,
    );
    const later = sessionOf({}, { status: first.status });
    const again = decide(withPod(later, running(true)), settings, NOW + 100_000);
    expect(again.status).toEqual(first.status);
    expect(again.status).toMatchObject({ account, connectedSince, podUID: 'pod-1', phase: 'Connected' });
  });
  it('tells what is wrong with a spec that another CRD let through, and nothing is done', () => {
    const of = session();
    const broken = { ...of, spec: { ...of.spec, restarts: { limit: -1, window: '10m' } } };
    const { steps, status } = decide(worldOf(broken), settings, NOW);
    expect(steps).toEqual([]);
    expect(conditionOf(status, 'Ready')).toMatchObject({
      reason: 'InvalidSpec',
      message: expect.stringContaining('spec.restarts.limit'),
    });
  });
  it('is the same when the CRD in the cluster is older and fills in no defaults', () => {
    const of = session();
    const { sending: _sending, browser: _browser, ...older } = of.spec;
    const bare = { ...of, spec: older as typeof of.spec };
    expect(decide(withPod(of, running(true), { session: bare }), settings, NOW)).toEqual(
      decide(withPod(of, running(true)), settings, NOW),
    );
  });
  it('can be told whatever the spec is', () => {
    for (const spec of [
      undefined,
      null,
      {},
      { storage: 1 },
      { restarts: null, operatingMode: 'Suspended' },
    ]) {
      const of = { ...session(), spec: spec as never };
      expect(
        decide(withPod(session(), running(true), { session: of }), settings, NOW).status.phase,
      ).toBeDefined();
    }
  });
  it('keeps the account of a suspended session', () => {
    const of = session(
      { operatingMode: 'Suspended' },
      { status: { ...keyed, account: { id: '4915@c.us' } } },
    );
    expect(decide(worldOf(of), settings, NOW).status).toMatchObject({
      phase: 'Suspended',
      account: { id: '4915@c.us' },
    });
  });
  it('loses the account when it was unlinked', () => {
    const of = session({}, { status: { ...keyed, account: { id: '4915@c.us' } } });
    expect(
      decide(withPod(of, running(false), { answer: answers('LoggedOut') }), settings, NOW).status.account,
    ).toBeUndefined();
  });
  it('says nothing of a pod that is not ours', () => {
    const of = session();
    const pod = live(
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'sales', namespace: 'shop' },
        spec: { containers: [] },
        status: running(true),
      },
      'x',
    );
    const { status } = decide(worldOf(of, { pod }), settings, NOW);
    expect(status.podName).toBeUndefined();
    expect(conditionOf(status, 'Ready')).toMatchObject({ status: 'False', reason: 'NameTaken' });
  });
});
