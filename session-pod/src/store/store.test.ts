import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { APPLICATION_ID } from './database.ts';
import { migrate, readVersion, schemaVersion } from './migrations.ts';
import { Store } from './store.ts';

let folder: string;
let opened: Store[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'store-'));
  opened = [];
});

afterEach(() => {
  for (const store of opened) store.close();
  rmSync(folder, { recursive: true, force: true });
});

const open = (): Store => {
  const store = Store.open({ folder });
  opened.push(store);
  return store;
};

const file = () => join(folder, 'session.db');

/** A process that opens the store of the folder, says so, and waits to be killed. */
async function holder(): Promise<ChildProcess> {
  const script = `
    const { Store } = await import(${JSON.stringify(join(import.meta.dirname, 'store.ts'))});
    Store.open({ folder: ${JSON.stringify(folder)} });
    console.log('open');
    setInterval(() => {}, 1000);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** What the database consists of; an empty WAL, which even reading makes, says nothing. */
const contents = () => ({
  database: readFileSync(file()),
  wal: readdirSync(folder).includes('session.db-wal')
    ? readFileSync(join(folder, 'session.db-wal'))
    : Buffer.alloc(0),
});
const digest = ({ database, wal } = contents()) =>
  [database, wal].map((bytes) => createHash('sha256').update(bytes).digest('hex'));

describe('the data folder', () => {
  it('belongs to one process: a second is told so, and gets it once the first is killed', async () => {
    const child = await holder();
    expect(open).toThrow(expect.objectContaining({ code: 'data_folder_in_use' }));
    await kill(child);
    expect(open().afterUncleanStop).toBe(true);
  }, 30_000);

  it('belongs to one copy within a process too', () => {
    open();
    expect(open).toThrow(expect.objectContaining({ code: 'data_folder_in_use' }));
  });

  it('is free again after close', () => {
    open().close();
    expect(open().afterUncleanStop).toBe(false);
  });

  it('that cannot be made is an error of its own', () => {
    writeFileSync(join(folder, 'plain'), '');
    expect(() => Store.open({ folder: join(folder, 'plain', 'data') })).toThrow(
      expect.objectContaining({ code: 'data_folder_unusable' }),
    );
  });
});

describe('an end without shutdown', () => {
  it('is counted by the next start, once', async () => {
    await kill(await holder());
    const after = open();
    expect(after.counters.total('uncleanStops')).toBe(1);
    after.close();
    expect(open().counters.total('uncleanStops')).toBe(1);
  }, 30_000);
});

describe('counters', () => {
  it('survive a restart, and show every label from the start', () => {
    const first = open();
    first.counters.increment('sendAttempts', { outcome: 'timeout' });
    first.counters.increment('sendAttempts', { outcome: 'timeout' }, 2);
    first.close();
    const family = open()
      .counters.snapshot()
      .find(({ name }) => name === 'whatsapp_send_attempts_total');
    expect(family?.samples).toContainEqual({
      name: 'whatsapp_send_attempts_total',
      labels: { outcome: 'timeout' },
      value: 3,
    });
    expect(family?.samples).toContainEqual({
      name: 'whatsapp_send_attempts_total',
      labels: { outcome: 'interrupted' },
      value: 0,
    });
  });

  it('of a transaction that fails are not counted', () => {
    const { database, counters } = open();
    const failing = () =>
      database.transaction(() => {
        counters.increment('acceptedMessages', {});
        throw new Error('no');
      });
    expect(failing).toThrow('no');
    expect(counters.total('acceptedMessages')).toBe(0);
  });

  it('of durations are cumulative buckets with a sum and a count', () => {
    const { counters } = open();
    for (const value of [0.03, 0.03, 2, 1e6]) counters.observe('reconnectSeconds', {}, value);
    const samples = counters
      .snapshot()
      .find(({ name }) => name === 'whatsapp_session_reconnect_seconds')?.samples;
    const at = (le: string) => samples?.find(({ labels }) => labels['le'] === le)?.value;
    expect([at('0.025'), at('0.05'), at('2.5'), at('21600'), at('+Inf')]).toEqual([0, 2, 3, 3, 4]);
    expect(samples?.at(-2)?.value).toBeCloseTo(1e6 + 2.06);
    expect(samples?.at(-1)?.value).toBe(4);
  });
});

describe('the last disconnect', () => {
  it('is kept over restarts, and counted', () => {
    const first = open();
    expect(first.lastDisconnect).toBeUndefined();
    first.recordDisconnect({ reason: 'browser_crashed', at: 17 });
    first.close();
    const second = open();
    expect(second.lastDisconnect).toEqual({ reason: 'browser_crashed', at: 17 });
    expect(second.counters.total('disconnects')).toBe(1);
  });
});

describe('migrations', () => {
  it.each(Array.from({ length: schemaVersion }, (_, version) => [version] as const))(
    'lead from version %i to the newest, and keep what was stored',
    (version) => {
      const database = new DatabaseSync(file());
      database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
      migrate(database, version);
      if (version >= 1) {
        database.exec(`INSERT INTO counters VALUES ('whatsapp_outbox_accepted_total', '[]', 5)`);
      }
      database.close();
      const store = open();
      expect(store.counters.total('acceptedMessages')).toBe(version >= 1 ? 5 : 0);
      expect(store.database.prepare('SELECT count(*) AS n FROM messages').get()).toEqual({ n: 0 });
    },
  );

  it('make the same schema step by step as at once', () => {
    const schema = (steps: readonly number[]) => {
      const database = new DatabaseSync(':memory:');
      for (const step of steps) migrate(database, step);
      const rows = database.prepare('SELECT name, sql FROM sqlite_schema ORDER BY name').all();
      const version = readVersion(database);
      database.close();
      return { version, rows };
    };
    expect(schema([schemaVersion])).toEqual(schema(Array.from({ length: schemaVersion }, (_, n) => n + 1)));
  });
});

describe('a database that must not be touched is refused, and not a byte of it changes', () => {
  const cases: readonly (readonly [string, () => void, string])[] = [
    ['plain text', () => writeFileSync(file(), 'shopping list\n'.repeat(20)), 'not a SQLite database'],
    ['an empty file', () => writeFileSync(file(), ''), 'not a SQLite database'],
    [
      'of another program',
      () => {
        const database = new DatabaseSync(file());
        database.exec('CREATE TABLE recipes (name TEXT)');
        database.close();
      },
      'another program',
    ],
    [
      'from a newer program',
      () => {
        Store.open({ folder }).close();
        const database = new DatabaseSync(file());
        database.exec(`PRAGMA user_version = ${schemaVersion + 1}`);
        database.close();
      },
      'downgrades are not possible',
    ],
    [
      'cut off',
      () => {
        Store.open({ folder }).close();
        writeFileSync(file(), readFileSync(file()).subarray(0, 20_000));
      },
      'damaged',
    ],
    [
      'overwritten in the middle',
      () => {
        Store.open({ folder }).close();
        const content = readFileSync(file());
        content.fill(0x5a, 4096, 12_288);
        writeFileSync(file(), content);
      },
      'damaged',
    ],
  ];

  it.each(cases)('%s', (_name, damage, message) => {
    damage();
    const before = digest();
    expect(open).toThrow(
      expect.objectContaining({ code: 'database_refused', message: expect.stringContaining(message) }),
    );
    expect(digest()).toEqual(before);
  });

  it('newer, with all of it still in the WAL of a killed process', async () => {
    await kill(await holder());
    const database = new DatabaseSync(file());
    database.exec(`PRAGMA wal_autocheckpoint = 0; PRAGMA user_version = ${schemaVersion + 1}`);
    const copy = contents();
    database.close();
    for (const name of readdirSync(folder)) rmSync(join(folder, name));
    writeFileSync(file(), copy.database);
    writeFileSync(join(folder, 'session.db-wal'), copy.wal);
    expect(open).toThrow(expect.objectContaining({ code: 'database_refused' }));
    expect(digest()).toEqual(digest(copy));
  }, 30_000);

  it('a WAL whose database is gone', () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'session.db-wal'), 'x'.repeat(64));
    expect(open).toThrow(expect.objectContaining({ code: 'database_refused' }));
    expect(readdirSync(folder)).not.toContain('session.db');
  });
});
