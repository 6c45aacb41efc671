import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { startTestSandbox } from '../../src/testing.ts';
import { closeAll, linkedSession, newProfile, sandbox, startSession } from '../support/world.ts';
import { PhonePageDriver } from './driver.ts';

const FRIEND = '4915700000000@c.us';
type Size = readonly [width: number, height: number];
const WIDE: Size = [1440, 900];
const NARROW: Size = [390, 844];

let phone: PhonePageDriver;
let number: string;
let axe: string;

beforeAll(async () => {
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  const linked = await linkedSession();
  number = linked.number;
  await fillWorld(async (body) => {
    await linked.session.client.sendMessage(FRIEND, body, { waitUntilMsgSent: true });
  });
  // A second page waits to be linked, so that a QR code is in view.
  await startSession({ profile: await newProfile() });
  phone = await PhonePageDriver.open(inject('controlUrl'));
});
afterAll(async () => {
  await sandbox.call('clearFaults', { query: { account: number } });
  await phone.close();
  await closeAll();
});
beforeEach(() => phone.resize(...WIDE));

/** One of everything that the page can show. */
async function fillWorld(send: (body: string) => Promise<void>): Promise<void> {
  const params = { number };
  const write = (content: Parameters<typeof sandbox.call<'inject'>>[1]['body']['content']) =>
    sandbox.call('inject', { params, body: { chat: FRIEND, content } });
  const { id } = await write({ kind: 'text', body: 'see *this* https://example.com' });
  await send('seen');
  const target = { params: { number, chat: FRIEND, id } };
  await sandbox.call('react', { ...target, body: { emoji: '👍' } });
  await sandbox.call('edit', { ...target, body: { body: 'edited' } });
  const reply = { chat: FRIEND, content: { kind: 'text', body: 'reply' }, replyTo: id } as const;
  await sandbox.call('inject', { params, body: reply });
  await write({ kind: 'poll', name: 'when?', options: ['now', 'later'], selectable: 1 });
  await write({ kind: 'location', latitude: 1, longitude: 2, description: 'Somewhere' });
  await write({ kind: 'contacts', cards: [{ name: 'Ada', vcard: 'BEGIN:VCARD\nFN:Ada\nEND:VCARD' }] });
  await write({ kind: 'media', mimetype: 'application/pdf', data: 'AAAA', filename: 'a.pdf' });
  await write({ kind: 'media', mimetype: 'audio/ogg', data: 'AAAA', voice: true });
  const fault = { kind: 'delay-acks', ms: 1 } as const;
  await sandbox.call('addFault', { body: { account: number, fault } });
}

/** What axe finds serious or worse, in words. */
async function serious(): Promise<readonly string[]> {
  // Colours are judged as they are once nothing moves any more.
  await phone.page.waitForFunction(() => document.getAnimations().length === 0);
  await phone.page.evaluate(axe);
  const results = (await phone.page.evaluate(
    'axe.run(document, { resultTypes: ["violations"] })',
  )) as AxeResults;
  return results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}

const places = [
  ['the chats', () => `#/${number}/chats`, '.chat'],
  ['a chat', () => `#/${number}/chats/${encodeURIComponent(FRIEND)}`, '.message'],
  ['the devices', () => `#/${number}/devices`, 'svg.qr'],
  ['the faults', () => `#/${number}/faults`, '.standing'],
  ['the ledger', () => `#/${number}/ledger`, '.ledger td'],
] as const;

const screens = places.flatMap(([what, place, sign]) =>
  (['light', 'dark'] as const).flatMap((scheme) =>
    [WIDE, NARROW].map((size) => ({ what, place, sign, scheme, size, width: size[0] })),
  ),
);

test.for(screens)(
  '$what, $scheme, $width pixels wide: axe finds nothing serious',
  async ({ place, sign, scheme, size }) => {
    await phone.resize(...size, scheme);
    await phone.go(place());
    await phone.page.waitForSelector(sign, { visible: true });
    expect(await serious()).toEqual([]);
  },
);

test.for(screens)(
  '$what, $scheme, $width pixels wide: says that it is a simulation, and nothing sticks out',
  async ({ place, sign, scheme, size }) => {
    await phone.resize(...size, scheme);
    await phone.go(place());
    await phone.page.waitForSelector(sign, { visible: true });
    const [strip, overflow] = await phone.page.evaluate(() => {
      const box = document.querySelector('.simulation')?.getBoundingClientRect();
      const inView = box !== undefined && box.top >= 0 && box.height > 10 && box.bottom < innerHeight;
      const wide = [...document.querySelectorAll('main *')].filter(
        (element) =>
          element.checkVisibility() &&
          element.getBoundingClientRect().right > innerWidth + 1 &&
          !element.closest('pre, .visually-hidden'),
      );
      return [inView, wide.map((element) => element.outerHTML.slice(0, 80))] as const;
    });
    expect(strip).toBe(true);
    expect(overflow).toEqual([]);
  },
);

test.for([
  ['New chat', 'New chat'],
  ['New group', 'New group'],
  ['New account', 'New account'],
] as const)('the dialog "%s" is sound, holds the focus, and ends with Escape', async ([button, title]) => {
  await phone.go(`#/${number}/chats`);
  await phone.click('button', button);
  await phone.says('dialog h2', title);
  expect(await serious()).toEqual([]);
  for (let step = 0; step < 12; step++) await phone.page.keyboard.press('Tab');
  const within = await phone.page.evaluate(
    () => document.activeElement === document.body || document.activeElement?.closest('dialog') !== null,
  );
  expect(within).toBe(true);
  await phone.page.keyboard.press('Escape');
  await phone.page.waitForSelector('dialog', { hidden: true });
});

test('by keyboard alone: a chat is opened, a message written, a menu opened and left', async () => {
  await phone.go(`#/${number}/chats`);
  const reach = async (what: string, there: () => boolean) => {
    for (let step = 0; step < 60; step++) {
      await phone.page.keyboard.press('Tab');
      if (await phone.page.evaluate(there)) return;
    }
    throw new Error(`Tab never reached ${what}`);
  };
  await reach('a chat', () => document.activeElement?.classList.contains('chat') === true);
  await phone.page.keyboard.press('Enter');
  await phone.page.waitForSelector('.message');
  await reach('the field', () => document.activeElement?.tagName === 'TEXTAREA');
  await phone.page.keyboard.type('typed');
  await phone.page.keyboard.press('Enter');
  await phone.says('.message', 'typed');
  await phone.page.focus('.message:last-child .actions button');
  await phone.page.keyboard.press('Enter');
  await phone.page.waitForSelector('.menu');
  expect(await serious()).toEqual([]);
  await phone.page.keyboard.press('Escape');
  await phone.page.waitForSelector('.menu', { hidden: true });
  const label = await phone.page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
  expect(label).toBe('Actions for: typed');
});

test('when the sandbox goes away the page says so, and is right again once it is back', async () => {
  const first = await startTestSandbox();
  const own = await PhonePageDriver.open(first.controlUrl);
  try {
    await own.go('#/491510000001/chats');
    await first.stop();
    await own.says('.line-state', 'does not answer');
    const port = new URL(first.controlUrl).port;
    const second = await startTestSandbox({
      SANDBOX_CONTROL_PORT: port,
      SANDBOX_FIRST_NUMBER: '491510000001',
    });
    try {
      const body = { chat: FRIEND, content: { kind: 'text', body: 'meanwhile' } } as const;
      await second.client.call('inject', { params: { number: '491510000001' }, body });
      await own.says('.line-state', 'Live');
      await own.says('.chat', 'meanwhile');
    } finally {
      await second.stop();
    }
  } finally {
    await own.close();
  }
});
