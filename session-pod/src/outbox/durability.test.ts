import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Store } from '../store/store.ts';
import { MessageRows } from './rows.ts';
import { aText, OutboxRig } from './testing/outbox-rig.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'durability-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Accepts in a process of its own until that is killed; what it said to have accepted. */
async function acceptUntilKilled(ms: number): Promise<readonly string[]> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'testing', 'accept-for-ever.ts'), folder],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await once(child.stdout, 'data');
  await new Promise((resolve) => setTimeout(resolve, ms));
  const gone = once(child, 'close');
  child.kill('SIGKILL');
  await gone;
  // What follows the last line break was not said in full.
  return said.split('\n').slice(0, -1);
}

describe('kill -9', () => {
  it('at any moment: everything that was answered is on disk, in order, once', async () => {
    const answered: string[] = [];
    for (let round = 0; round < 5; round++)
      answered.push(...(await acceptUntilKilled(30 + Math.random() * 300)));
    expect(answered.length).toBeGreaterThan(20);
    const store = Store.open({ folder });
    try {
      const stored = new MessageRows(store.database).open().map(({ id }) => id);
      const known = new Set(answered);
      expect(stored.filter((id) => known.has(id))).toEqual(answered);
      // At most the one of each round whose answer was still on its way.
      expect(stored.length - answered.length).toBeLessThanOrEqual(5);
      expect(store.counters.total('acceptedMessages')).toBe(stored.length);
      expect(store.counters.total('uncleanStops')).toBe(5);
    } finally {
      store.close();
    }
  }, 60_000);
});

const isRoot = process.getuid?.() === 0;

/** A real filesystem of 4 MiB. */
function mountSmall(): boolean {
  mkdirSync(join(folder, 'volume'));
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', join(folder, 'volume')]).status === 0;
}

describe.skipIf(!isRoot)('a volume that is really full', () => {
  it('costs no accepted message: intake is refused, the queue waits, and all is sent once there is room', async (test) => {
    if (!mountSmall()) test.skip('nothing may be mounted here');
    const volume = join(folder, 'volume');
    const ballast = join(volume, 'ballast');
    const rig = new OutboxRig({ folder: join(volume, 'data'), settings: { maxOpen: 100_000 } });
    try {
      rig.outbox.start();
      const accepted = [rig.accept()];
      fill(ballast);
      const code = acceptUntilRefused(rig, accepted);
      expect(code).toBe('storage_full');
      rig.engine.connect();
      await rig.clock.advance(10_000);
      rig.engine.deliver(1, true);
      await rig.clock.advance(10_000);
      expect(rig.fatal).toEqual([]);
      unlinkSync(ballast);
      for (let round = 0; round < 200 && rig.outbox.stats().byStatus.sent < accepted.length; round++) {
        await rig.clock.advance(1000);
        rig.engine.deliver(1, true);
      }
      for (const id of accepted) expect([id, rig.status(id)]).toEqual([id, 'sent']);
      expect(new Set(rig.engine.world.handovers).size).toBe(rig.engine.world.handovers.length);
      rig.accept();
    } finally {
      rig.dispose();
      spawnSync('umount', [volume]);
    }
  }, 60_000);
});

/** Takes all the room that is left. */
function fill(path: string): void {
  for (const size of [65_536, 4096, 512, 1]) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(size, 1), { flag: 'a' });
    } catch {
      // Full to this grain.
    }
  }
  expect(statSync(path).size).toBeGreaterThan(1_000_000);
}

/** The database has some room of its own left; it is used up, and then the refusal is told. */
function acceptUntilRefused(rig: OutboxRig, accepted: string[]): string {
  for (let count = 0; count < 20_000; count++) {
    try {
      accepted.push(rig.accept(aText()));
    } catch (error) {
      return (error as { readonly code: string }).code;
    }
  }
  return 'never refused';
}
