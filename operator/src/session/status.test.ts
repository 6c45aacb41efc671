import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import { at, live, NOW, running, sessionOf, settings, worldOf } from './testing/factories.ts';
import { answers, conditionOf, keyed, session, withPod } from './testing/observations.ts';

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
