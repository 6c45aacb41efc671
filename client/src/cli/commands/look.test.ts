import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { connected, unready, World } from '../testing/world.ts';

/** Commands that look at sessions, through an API server. */

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.dispose());

describe('list', () => {
  beforeEach(() => {
    world.add('sales', { status: connected });
    world.add('support', {
      status: unready('Pairing', 'PairingRequired', 'a phone has to link the account'),
    });
    world.add('billing', { status: unready('Failed', 'RestartLimitExceeded', '6 restarts within 10m') });
    world.add('elsewhere', { namespace: 'other' });
  });

  it('shows the sessions of the namespace, over all pages', async () => {
    const { out, exitCode } = await world.was(['list']);
    await expect(out).toMatchFileSnapshot('../testing/golden/list.txt');
    expect(exitCode).toBe(0);
  });

  it('shows those of all namespaces', async () => {
    await expect((await world.was(['list', '-A'])).out).toMatchFileSnapshot('../testing/golden/list-all.txt');
  });

  it('gives programs names, JSON and YAML', async () => {
    expect((await world.was(['list', '-o', 'name'])).out).toBe('sales\nsupport\nbilling\n');
    expect(JSON.parse((await world.was(['list', '-o', 'json'])).out)).toHaveLength(3);
    expect((await world.was(['list', '-o', 'yaml'])).out).toContain('name: sales');
  });

  it('hands the selector on', async () => {
    await world.was(['list', '-l', 'team=sales']);
    expect(world.cluster.asked[0]).toContain('labelSelector=team%3Dsales');
  });

  it('says that there are none', async () => {
    const { out, err, exitCode } = await world.was(['list', '-n', 'empty']);
    expect([out, err, exitCode]).toEqual(['', 'There are no sessions in namespace empty.\n', 0]);
  });
});

describe('status', () => {
  const now = { now: () => Date.parse('2026-11-24T12:00:00Z') };

  it('of a session that is ready', async () => {
    world.add('sales', { status: connected });
    const { out, exitCode } = await world.was(['status', 'sales'], now);
    await expect(out).toMatchFileSnapshot('../testing/golden/status-ready.txt');
    expect(exitCode).toBe(0);
  });

  test.each<[string, 'Pending' | 'Pairing' | 'Failed', string, string, number]>([
    [
      'pairing',
      'Pairing',
      'PairingRequired',
      'a phone has to link the account: kubectl was qr sales -n shop',
      6,
    ],
    [
      'restarts',
      'Failed',
      'RestartLimitExceeded',
      "6 restarts within 10m, 5 are allowed; the last one: Crashed. Look at the last pod's logs before you begin again. A changed spec or a new value of the annotation whatsapp-operator.io/restart-at begins again",
      6,
    ],
    [
      'unschedulable',
      'Pending',
      'Unschedulable',
      'no node takes the pod: 0/3 nodes are available: insufficient memory',
      5,
    ],
  ])('says what is wrong and what to do: %s', async (golden, phase, reason, message, code) => {
    world.add('sales', { status: unready(phase, reason, message) });
    const { out, err, exitCode } = await world.was(['status', 'sales'], now);
    await expect(out).toMatchFileSnapshot(`../testing/golden/status-${golden}.txt`);
    expect([err, exitCode]).toEqual(['', code]);
  });

  it('asks the session itself, without its key', async () => {
    const { engine } = await world.withPod();
    engine.connect();
    world.cluster.forbidden.push(/\/secrets\//);
    const { out } = await world.was(['status', 'sales']);
    expect(out).toContain('Messages    empty');
    expect(out).toContain('491510000001 (Sales)');
  });

  it('of one that the operator has not seen', async () => {
    world.add('new');
    expect((await world.was(['status', 'new'])).out).toContain('if this lasts: kubectl was doctor -n shop');
  });

  it('of one that does not exist', async () => {
    const { err, exitCode } = await world.was(['status', 'nobody']);
    expect(err).toBe(
      'error: there is no session nobody in namespace shop\n  list -A shows those of all namespaces\n',
    );
    expect(exitCode).toBe(3);
  });
});
