import { afterEach, expect, it } from 'vitest';
import { Failure } from '../failure.ts';
import { settle } from '../outbox/testing/virtual-clock.ts';
import { OK, refuses, silence, WebhookRig } from './testing/webhook-rig.ts';

const rigs: WebhookRig[] = [];
function aRig(...options: ConstructorParameters<typeof WebhookRig>): WebhookRig {
  const rig = new WebhookRig(...options);
  rigs.push(rig);
  return rig;
}
afterEach(async () => {
  for (const rig of rigs.splice(0)) {
    expect(rig.fatal).toEqual([]);
    await rig.dispose();
  }
});

const HOUR = 3_600_000;

it('delivers what happens from now on, or from where it is told to begin', async () => {
  const rig = aRig();
  rig.add('a');
  rig.create();
  rig.create({ id: 'all', url: 'https://example.com/all', after: 0 });
  rig.add('a');
  await rig.clock.advance(1000);
  expect(rig.got('https://example.com/in')).toEqual([2]);
  expect(rig.got('https://example.com/all')).toEqual([1, 2]);
});

it('delivers only what was asked for, and counts the rest as done', async () => {
  const rig = aRig();
  rig.create({ events: ['message.ack'] });
  rig.add('a');
  rig.add('a', 'message.ack');
  rig.add('a');
  await rig.clock.advance(10_000);
  expect(rig.got()).toEqual([2]);
  expect(rig.webhooks.doneWith()).toBe(3);
});

it('a chat whose event is refused waits, and no other does', async () => {
  const rig = aRig();
  rig.create();
  rig.answer = ({ chat }) => (chat === 'bad' ? refuses(500) : OK);
  for (const chat of ['bad', 'good', 'bad', 'good']) rig.add(chat);
  await rig.clock.advance(30_000);
  expect(rig.got()).toEqual([2, 4]);
  expect(rig.requests.filter(({ sequence }) => sequence === 3)).toEqual([]);
  expect(rig.webhooks.get('crm')).toMatchObject({ failing: 1, deliveredTo: 0 });
});

it('a chat whose requests hang does not hold up another', async () => {
  const rig = aRig();
  rig.create();
  rig.answer = ({ chat }) => (chat === 'slow' ? new Promise(() => undefined) : OK);
  rig.add('slow');
  for (let n = 0; n < 20; n++) rig.add(`chat ${n % 5}`);
  await rig.clock.advance(1000);
  expect(rig.got().length).toBe(20);
});

it('a failing webhook does not hold up another', async () => {
  const rig = aRig();
  rig.create();
  rig.create({ id: 'other', url: 'https://example.com/other' });
  rig.answer = ({ url }) => (url.endsWith('/in') ? silence : OK);
  for (let n = 0; n < 10; n++) rig.add(`chat ${n}`);
  await rig.clock.advance(1000);
  expect(rig.got('https://example.com/other').length).toBe(10);
});

it('an event that is refused too often is a dead letter; redriven it has the same id', async () => {
  const rig = aRig({ maxAttempts: 3 });
  rig.create();
  rig.answer = ({ sequence }) => (sequence === 1 ? refuses(422) : OK);
  rig.add('a');
  rig.add('a');
  await rig.clock.advance(60_000);
  expect(rig.requests.map(({ sequence }) => sequence)).toEqual([1, 1, 1, 2]);
  expect(rig.webhooks.deadLetters('crm', 0, 10)).toMatchObject([{ event: 1, attempts: 3 }]);
  expect(rig.store.counters.total('webhookDeadLetters')).toBe(1);
  expect(rig.webhooks.doneWith()).toBe(2);
  rig.answer = () => OK;
  expect(rig.webhooks.redrive('crm', undefined)).toBe(1);
  await rig.clock.advance(1000);
  expect(rig.got()).toEqual([2, 1]);
  expect(new Set(rig.requests.filter(({ sequence }) => sequence === 1).map(({ id }) => id)).size).toBe(1);
  expect(rig.webhooks.deadLetters('crm', 0, 10)).toEqual([]);
});

it('a redrive that was asked for is not forgotten by a crash', async () => {
  const rig = aRig({ maxAttempts: 1 });
  rig.create();
  rig.answer = () => refuses(400);
  rig.add('a');
  await rig.clock.advance(1000);
  rig.answer = () => new Promise(() => undefined);
  rig.webhooks.redrive('crm', [1]);
  rig.answer = () => OK;
  await rig.crash();
  await rig.clock.advance(1000);
  expect(rig.got()).toEqual([1]);
});

it('a receiver that is down for hours loses nothing, and is not stormed', async () => {
  const rig = aRig();
  rig.create();
  rig.answer = () => silence;
  for (let n = 0; n < 200; n++) rig.add(`chat ${n % 20}`);
  await rig.clock.advance(8 * HOUR);
  expect(rig.requests.length).toBeLessThan(600);
  expect(rig.webhooks.get('crm').dead).toBe(0);
  rig.answer = () => OK;
  await rig.clock.advance(400_000);
  expect([...rig.got()].sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, n) => n + 1));
});

it('Retry-After pauses the whole webhook', async () => {
  const rig = aRig();
  rig.create();
  rig.answer = () => refuses(429, 60_000);
  rig.add('a');
  await settle();
  rig.answer = () => OK;
  rig.add('b');
  await rig.clock.advance(59_000);
  expect(rig.got()).toEqual([]);
  await rig.clock.advance(2000);
  expect([...rig.got()].sort()).toEqual([1, 2]);
});

it('410 disables it; enabled again it goes on where it was', async () => {
  const rig = aRig();
  rig.create();
  rig.answer = () => refuses(410);
  rig.add('a');
  rig.add('a');
  await rig.clock.advance(60_000);
  expect(rig.requests.length).toBe(1);
  expect(rig.webhooks.get('crm').endpoint).toMatchObject({ enabled: false });
  rig.answer = () => OK;
  rig.webhooks.change('crm', { enabled: true });
  await rig.clock.advance(1000);
  expect(rig.got()).toEqual([1, 2]);
});

it('a change of the address takes effect with the next request, in order', async () => {
  const rig = aRig();
  rig.create();
  rig.add('a');
  await rig.clock.advance(1000);
  rig.webhooks.change('crm', { url: 'https://example.com/new' });
  rig.add('a');
  await rig.clock.advance(1000);
  expect(rig.accepted.map(({ url, sequence }) => `${url} ${sequence}`)).toEqual([
    'https://example.com/in 1',
    'https://example.com/new 2',
  ]);
});

it('webhooks of the settings keep their position, cannot be changed by API, and end with their entry', async () => {
  const wish = { id: 'fixed', url: 'https://example.com/fixed', secrets: [], enabled: true };
  const rig = aRig({}, [wish]);
  rig.add('a');
  await rig.clock.advance(1000);
  await rig.crash();
  rig.add('a');
  await rig.clock.advance(1000);
  expect(rig.got()).toEqual([1, 2]);
  for (const attempt of [() => rig.webhooks.change('fixed', {}), () => rig.webhooks.delete('fixed')]) {
    expect(attempt).toThrow('comes from the settings');
  }
});

it('a private address is refused when it is written, a second webhook of the same id too', () => {
  const rig = aRig();
  expect(() => rig.create({ url: 'http://10.0.0.1/' })).toThrow('public addresses only');
  expect(() => rig.create({ url: 'http://[::1]/' })).toThrow('public addresses only');
  rig.create();
  expect(() => rig.create()).toThrow('already');
});

it('an unwritable volume means that an event is sent again, and none is left out', async () => {
  const rig = aRig();
  rig.create();
  rig.add('a');
  rig.add('a');
  const { database } = rig.store;
  const original = database.transaction.bind(database);
  // One of them is the position, which is saved in between.
  let failures = 3;
  database.transaction = (work) => {
    if (failures-- > 0) throw new Failure('storage_full', 'retry', 'full');
    return original(work);
  };
  await rig.clock.advance(60_000);
  expect(rig.got()).toEqual([1, 1, 1, 2]);
});

it('ended while a request is under way, it writes nothing any more, and can be made again', async () => {
  const rig = aRig();
  rig.create();
  let finish = (_result: typeof OK): void => undefined;
  rig.answer = () =>
    new Promise((resolve) => {
      finish = resolve;
    });
  rig.add('a');
  await settle();
  rig.webhooks.delete('crm');
  finish(OK);
  await rig.clock.advance(1000);
  rig.answer = () => OK;
  rig.create({ after: 0 });
  await rig.clock.advance(1000);
  expect(rig.webhooks.get('crm')).toMatchObject({ deliveredTo: 1, pending: 0 });
});

it('changed while a request is under way, its answer still counts', async () => {
  const rig = aRig();
  rig.create();
  let finish = (_result: typeof OK): void => undefined;
  rig.answer = () =>
    new Promise((resolve) => {
      finish = resolve;
    });
  rig.add('a');
  rig.add('a');
  await settle();
  rig.answer = () => OK;
  rig.webhooks.change('crm', { url: 'https://example.com/new' });
  finish(OK);
  await rig.clock.advance(1000);
  expect(rig.accepted.map(({ url, sequence }) => `${url} ${sequence}`)).toEqual([
    'https://example.com/in 1',
    'https://example.com/new 2',
  ]);
});

it('the delivery log says what every attempt came to', async () => {
  const rig = aRig();
  rig.create();
  const answers = [silence, refuses(500), OK];
  rig.answer = () => answers.shift() ?? OK;
  rig.add('a');
  await rig.clock.advance(60_000);
  expect(rig.webhooks.attempts('crm', 10)).toMatchObject([
    { event: 1, outcome: 'delivered', status: 200 },
    { event: 1, outcome: 'rejected', status: 500 },
    { event: 1, outcome: 'unavailable', detail: 'ECONNREFUSED' },
  ]);
});
