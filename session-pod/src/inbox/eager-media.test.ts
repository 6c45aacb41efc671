import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { EagerMedia } from './eager-media.ts';
import { MediaFiles } from './media-files.ts';
import { InboxRig } from './testing/inbox-rig.ts';
import { aMessage } from './testing/scripted-page.ts';

const ALICE = '5511911111111@c.us';
const media = { mimetype: 'image/jpeg', filename: undefined, size: 3 };

let rig: InboxRig;
beforeEach(() => {
  rig = new InboxRig();
});
afterEach(() => rig.dispose());

function eager(): { readonly eager: EagerMedia; readonly kept: () => readonly string[] } {
  const folder = join(rig.folder, 'files');
  const files = new MediaFiles({
    folder,
    engine: { inbound: rig.page },
    reserve: { reserveBytes: 0, free: () => 2 ** 30 },
    maxSize: 1000,
    maxTotal: 100_000,
    firstEvent: () => 1,
  });
  const made = new EagerMedia({
    log: rig.inbox.events,
    files,
    isConnected: () => rig.engine.snapshot.state === 'Connected',
    clock: rig.clock,
    logger: pino({ level: 'silent' }),
  });
  return { eager: made, kept: () => readdirSync(folder) };
}

const arrive = (n: number, offered = true) => {
  const message = aMessage(ALICE, n, { type: 'image', hasMedia: true, media });
  rig.page.add(message);
  if (offered) rig.page.files.set(message.id, Buffer.from('abc'));
  rig.engine.tellMessage(message);
};

it('fetches what comes and what is there already; a file that cannot be had holds up none', async () => {
  rig.engine.connect();
  arrive(1);
  arrive(2, false);
  arrive(3);
  await rig.quiet();
  const { eager: made, kept } = eager();
  made.start();
  arrive(4);
  await expect
    .poll(async () => {
      await rig.quiet();
      return kept().length;
    })
    .toBe(3);
  made.stop();
});

it('waits until the session is connected', async () => {
  rig.engine.connect();
  arrive(1);
  await rig.quiet();
  rig.engine.become('Disconnected', 'socket_lost');
  const { eager: made, kept } = eager();
  made.start();
  await rig.clock.advance(60_000);
  expect(kept()).toEqual([]);
  rig.engine.connect();
  await rig.clock.advance(60_000);
  await expect.poll(kept).toHaveLength(1);
  made.stop();
});
