import { expect, test } from 'vitest';
import { ApiError } from '../kube/errors.ts';
import { running } from './testing/factories.ts';
import { KEY, World } from './testing/world.ts';

/** A session that is connected, with caches that know it. */
async function connected(): Promise<World> {
  const world = new World();
  world.createSession({});
  for (let round = 0; round < 4; round += 1) {
    world.now += 2000;
    world.catchUp();
    await world.round();
    world.settle();
  }
  world.catchUp();
  world.now += 60_000;
  world.cluster.writes.length = 0;
  return world;
}

const told = ({ cluster }: World) => cluster.writes.map(({ verb, plural }) => `${verb} ${plural}`);

test('a start costs seven writes: five objects, and the status when it begins and when it is Ready', async () => {
  const world = new World();
  world.createSession({});
  world.catchUp();
  await world.round();
  expect(told(world)).toEqual([
    'create persistentvolumeclaims',
    'create secrets',
    'create services',
    'create networkpolicies',
    'create pods',
    'patch whatsappsessions',
  ]);
  world.now += 300;
  world.settle();
  for (let events = 0; events < 5; events += 1) {
    world.catchUp();
    await world.round();
  }
  expect(told(world)).toHaveLength(7);
});

test('a change waits for what the pod says of it, and not for longer than a second', async () => {
  const world = await connected();
  world.setPod((pod) => ({ ...pod, status: running(false) }));
  world.catchUp();
  world.awaitedSince = world.now;
  await world.round();
  expect(told(world)).toEqual([]);
  world.now += 1000;
  await world.round();
  expect(told(world)).toEqual(['patch whatsappsessions']);
});

test('that the key was made is told at once: nobody could see it otherwise, and it would be made again', async () => {
  const world = new World();
  world.awaitedSince = world.now;
  world.createSession({});
  world.catchUp();
  await world.round();
  expect(told(world).at(-1)).toBe('patch whatsappsessions');
});

test('rounds without news write nothing, also by an operator that knows nothing yet', async () => {
  const world = await connected();
  await world.round();
  world.restartOperator();
  await world.round();
  expect(told(world)).toEqual([]);
});

test('the reason is on the API server before the pod is ended', async () => {
  const world = await connected();
  world.changeSpec({ operatingMode: 'Suspended' });
  world.catchUp();
  await world.round();
  expect(told(world)).toEqual(['patch whatsappsessions', 'delete pods']);
});

test('a successor that the API server refuses ends nothing, and is asked about again only after a while', async () => {
  const world = await connected();
  let asked = 0;
  world.cluster.onDryRun = () => {
    asked += 1;
    throw new ApiError({
      attempted: 'POST',
      code: 422,
      reason: 'Invalid',
      message: 'spec.affinity: nonsense',
    });
  };
  world.changeSpec({ podTemplate: { affinity: { nonsense: true } } });
  for (let round = 0; round < 5; round += 1) {
    world.catchUp();
    await world.round();
    world.now += 100;
  }
  expect(asked).toBe(1);
  expect(told(world)).toEqual(['patch whatsappsessions']);
  world.now += 6000;
  await world.round();
  expect(asked).toBe(2);
  expect(world.pod?.metadata.deletionTimestamp).toBeUndefined();
});

test('a quota that only both pods together would exceed is no refusal', async () => {
  const world = await connected();
  world.cluster.onDryRun = () => {
    throw new ApiError({ attempted: 'POST', code: 403, reason: 'Forbidden', message: 'exceeded quota: few' });
  };
  world.changeSpec({ sending: { maxAttempts: 1 } });
  world.catchUp();
  await world.round();
  expect(world.pod?.metadata.deletionTimestamp).toBeDefined();
});

test('a write that the API server refuses is told, and not repeated with every round', async () => {
  const world = await connected();
  world.cluster.remove('pods', KEY);
  let tries = 0;
  world.cluster.onCreate = (plural) => {
    if (plural !== 'pods') return;
    tries += 1;
    throw new ApiError({
      attempted: 'POST pods',
      code: 403,
      reason: 'Forbidden',
      message: 'exceeded quota: few',
    });
  };
  for (let round = 0; round < 10; round += 1) {
    world.catchUp();
    await world.round();
    world.now += 200;
  }
  expect(tries).toBe(1);
  world.cluster.onCreate = () => {};
  world.now += 5000;
  await world.round();
  expect(world.pod).toBeDefined();
});

test('no pod begins before everything that it needs is there', async () => {
  const world = new World();
  world.createSession({});
  world.catchUp();
  world.cluster.onCreate = (plural) => {
    if (plural !== 'networkpolicies') return;
    throw new ApiError({ attempted: 'POST', code: 403, reason: 'Forbidden', message: 'no policies here' });
  };
  await world.round();
  expect(told(world)).not.toContain('create pods');
  expect(told(world)).toContain('create services');
  expect(told(world).at(-1)).toBe('patch whatsappsessions');
});

test('a deleted session is left to the garbage collector', async () => {
  const world = await connected();
  world.cluster.remove('whatsappsessions', KEY);
  world.catchUp();
  await world.round();
  expect(told(world)).toEqual([]);
});
