import type { WhatsAppSession } from '@whatsapp-operator/api/resource';
import { describe, expect, it, test } from 'vitest';
import { decide } from './decide.ts';
import type { Observed } from './observed.ts';
import { at, NOW, podOf, running, sessionOf, settings, waiting, worldOf } from './testing/factories.ts';
import { conditionOf, keyed, podPrint, refusal, session, updating, withPod } from './testing/observations.ts';

/** The steps as a person would tell them. */
const planOf = (observed: Observed): readonly string[] =>
  decide(observed, settings, NOW).steps.map((step) =>
    step.kind === 'create' || step.kind === 'update' ? `${step.kind} ${step.child}` : step.kind,
  );

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

describe('the image by browser', () => {
  const both = { ...settings, chromiumImage: 'session:1-chromium' };
  const chromium = { browser: { flavor: 'Chromium' } } as const;
  const madeWith = (of: WhatsAppSession) => decide(worldOf(of), both, NOW).steps;

  it('is the one that has the browser in it', () => {
    expect(madeWith(session(chromium, { status: keyed }))).toMatchObject([
      { object: { spec: { containers: [{ image: 'session:1-chromium' }] } } },
    ]);
  });
  it('is not kept when the browser was changed while the pod was lost', () => {
    expect(madeWith(session(chromium, { status: { ...keyed, image: 'session:1' } }))).toMatchObject([
      { object: { spec: { containers: [{ image: 'session:1-chromium' }] } } },
    ]);
  });
  it('is kept otherwise', () => {
    expect(madeWith(session(chromium, { status: { ...keyed, image: 'session:0-chromium' } }))).toMatchObject([
      { object: { spec: { containers: [{ image: 'session:0-chromium' }] } } },
    ]);
  });
});
