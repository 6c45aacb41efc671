import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Session, SessionOptions } from './support/session.ts';
import {
  beginFault,
  closeAll,
  copyProfile,
  linkedProfile,
  linkedSession,
  pause,
  sandbox,
  startSession,
  until,
  within,
} from './support/world.ts';

const FRIEND = '4915700000000@c.us';

let number: string;
let profile: string;

beforeAll(async () => {
  ({ number, profile } = await linkedProfile());
});
afterAll(closeAll);

/** A start of the linked profile under a fault; the fault ends with the test. */
async function startUnder(
  fault: Parameters<typeof beginFault>[1],
  test: (session: Session) => Promise<void>,
  options: Partial<SessionOptions> = {},
) {
  const end = await beginFault(number, fault);
  const session = await startSession({ ...options, profile: await copyProfile(profile) });
  try {
    await test(session);
  } finally {
    await end();
    await session.kill();
  }
}

const stateOf = (session: Session) =>
  session.evaluate(`(() => {
    const { Socket } = window.require('WAWebSocketModel');
    return { state: Socket.state, hasSynced: Socket.hasSynced };
  })()`);

test('never ready: CONNECTED, initialize resolved, and silence', async () => {
  await startUnder({ kind: 'never-ready' }, async (session) => {
    await until('it is initialized', () => session.initialized === 'resolved');
    await pause(800);
    expect(await stateOf(session)).toEqual({ state: 'CONNECTED', hasSynced: false });
    expect(session.names().filter((name) => name !== 'loading_screen')).toEqual([]);
  });
});

test('ready before the library listens: CONNECTED and synced, no event; telling it by hand rescues', async () => {
  await startUnder({ kind: 'early-ready' }, async (session) => {
    await until('it is initialized', () => session.initialized === 'resolved');
    await pause(500);
    expect(await stateOf(session)).toEqual({ state: 'CONNECTED', hasSynced: true });
    expect(session.names()).not.toContain('ready');
    await session.evaluate('window.onAppStateHasSyncedEvent()');
    await session.next('ready');
  });
});

test("a what's-new dialog holds ready back until its button is pressed", async () => {
  await startUnder({ kind: 'whats-new', blocksSync: true }, async (session) => {
    await until('it is initialized', () => session.initialized === 'resolved');
    await pause(600);
    expect(session.names()).not.toContain('ready');
    await session.evaluate(`document.querySelector('[role=dialog] button').click()`);
    await session.next('ready');
  });
});

test('a slow boot only makes everything later', async () => {
  const start = Date.now();
  await startUnder({ kind: 'slow-boot', ms: 1_000 }, async (session) => {
    await session.next('ready');
    expect(Date.now() - start).toBeGreaterThan(1_000);
  });
});

test('HTTP 500: initialize rejects with "auth timeout" and leaves the browser running', async () => {
  await startUnder(
    { kind: 'http-error', status: 500 },
    async (session) => {
      const error = await until('it gives up', () => session.initialized);
      expect(String(error)).toContain('auth timeout');
      expect(session.client.pupBrowser?.connected).toBe(true);
    },
    { authTimeoutMs: 1_500 },
  );
});

test('hanging HTML: initialize never ends', async () => {
  await startUnder({ kind: 'http-hang' }, async (session) => {
    await pause(3_000);
    expect(session.initialized).toBeUndefined();
    expect(session.names()).toEqual([]);
  });
});

test('message keys without _serialized: the send resolves with nothing, though it is delivered and its events come', async () => {
  await startUnder({ kind: 'rename-message-key' }, async (session) => {
    await session.next('ready');
    expect(await session.client.sendMessage(FRIEND, 'renamed')).toBeUndefined();
    await session.next('message_create');
    await session.next('message_ack');
    const delivered = await sandbox.call('ledger', { query: { account: number, kind: 'delivered' } });
    expect(delivered.at(-1)?.detail).toBe('renamed');
  });
});

test.for(['WAWebCallCollection', 'WAWebSyncGatingUtils', 'WAWebUserPrefsMeUser'])(
  'without %s: authenticated and never ready',
  async (module) => {
    await startUnder({ kind: 'missing-modules', modules: [module] }, async (session) => {
      await session.next('authenticated');
      await pause(500);
      expect(session.names()).not.toContain('ready');
    });
  },
);

test('without WAWebStreamModel: ready, every send rejects, and sendSeen: false helps', async () => {
  await startUnder({ kind: 'missing-modules', modules: ['WAWebStreamModel'] }, async (session) => {
    await session.next('ready');
    await expect(session.client.sendMessage(FRIEND, 'no')).rejects.toThrow('WAWebStreamModel');
    const sent = await session.client.sendMessage(FRIEND, 'yes', { sendSeen: false });
    expect(sent.body).toBe('yes');
  });
});

test('without a module that is needed for linking: initialize rejects', async () => {
  await startUnder({ kind: 'missing-modules', modules: ['WAWebOfflineHandler'] }, async (session) => {
    const error = await until('it gives up', () => session.initialized);
    expect(String(error)).toContain('WAWebOfflineHandler');
  });
});

test('a growing heap is visible in the page', async () => {
  await startUnder({ kind: 'heap-growth', megabytes: 60, perSecond: 200 }, async (session) => {
    await session.next('ready');
    await until('60 MB are taken', async () => {
      const used = await session.evaluate('performance.memory.usedJSHeapSize');
      return Number(used) > 60 * 1024 * 1024;
    });
  });
});

test('a hanging page answers nothing while it hangs, and everything afterwards', async () => {
  const { session, number: account } = await linkedSession();
  await beginFault(account, { kind: 'hang', ms: 1_500 });
  await pause(100);
  const state = session.client.getState();
  expect(await within(500, state)).toBe('pending');
  expect(await state).toBe('CONNECTED');
  expect(session.names()).not.toContain('disconnected');
  await session.client.destroy();
});

test('a crashed page: no event of the library, calls hang until the protocol timeout; only the page itself tells', async () => {
  const { session, number: account } = await linkedSession({
    args: ['--js-flags=--max-old-space-size=64'],
    protocolTimeout: 6_000,
  });
  const crashed = new Promise<Error>((resolve) => session.client.pupPage?.once('error', resolve));
  const seen = session.names().length;
  await beginFault(account, { kind: 'crash' });
  expect((await crashed).message).toContain('crashed');
  const call = session.client.getState();
  expect(await within(1_000, call)).toBe('pending');
  expect(session.names().slice(seen)).toEqual([]);
  await expect(call).rejects.toThrow();
  await session.kill();
});

test('a reload: what was under way rejects, and ready comes again', async () => {
  const { session, number: account } = await linkedSession();
  const pending = session.evaluate('new Promise(() => {})');
  const rejected = expect(pending).rejects.toThrow(/context|detached/i);
  await beginFault(account, { kind: 'reload' });
  await rejected;
  await session.next('ready');
  expect(session.names().filter((name) => name === 'ready')).toHaveLength(2);
  await session.client.destroy();
});

test('a navigation within the page makes the library listen twice: one change, two events', async () => {
  const { session, number: account } = await linkedSession();
  await beginFault(account, { kind: 'navigate', url: '#elsewhere' });
  await pause(500);
  const ready = () => session.names().filter((name) => name === 'ready').length;
  const before = ready();
  await session.evaluate(`window.require('WAWebSocketModel').Socket.set({ hasSynced: false })`);
  await until('both have told', () => ready() - before === 2);
  await session.client.destroy();
});

test.for(['TOS_BLOCK', 'SMB_TOS_BLOCK', 'PROXYBLOCK', 'DEPRECATED_VERSION', 'CONFLICT'] as const)(
  'a session ended with %s: disconnected with that state, and the browser is closed',
  async (state) => {
    const session = await startSession({ profile: await copyProfile(profile) });
    await session.next('ready');
    await beginFault(number, { kind: 'block', state });
    expect(await session.next('disconnected')).toEqual([state]);
    await until('the browser is gone', () => session.client.pupBrowser?.connected === false);
  },
);

test('logout on request: disconnected LOGOUT', async () => {
  const { session, number: account } = await linkedSession();
  await beginFault(account, { kind: 'logout' });
  expect(await session.next('disconnected')).toEqual(['LOGOUT']);
  await session.kill();
});
