import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { pinnedIdOf } from '../../outbox/pinned-id.ts';
import { settle, VirtualClock } from '../../outbox/testing/virtual-clock.ts';
import { Store } from '../../store/store.ts';
import type { StoredEvent } from '../event.ts';
import { DurableInbox } from '../inbox.ts';
import { defaultInboxSettings, type InboxSettings } from '../settings.ts';
import { PageView, ScriptedPage } from './scripted-page.ts';
import { ScriptedSession } from './scripted-session.ts';

/** An inbox on a real database, in virtual time, with a page that a test writes. Can be crashed and begun again. */
export class InboxRig {
  readonly folder: string;
  readonly page: ScriptedPage;
  readonly settings: InboxSettings;
  readonly fatal: unknown[] = [];
  /** What the volume still has. Bytes. */
  free = 2 ** 30;
  /** Pinned ids of messages that were sent through the API. */
  readonly ours = new Set<string>();
  clock: VirtualClock;
  store!: Store;
  engine!: ScriptedSession;
  inbox!: DurableInbox;
  #view!: PageView;

  constructor(settings: Partial<InboxSettings> = {}, page = new ScriptedPage()) {
    this.folder = mkdtempSync(join(tmpdir(), 'inbox-'));
    this.page = page;
    this.settings = { ...defaultInboxSettings, historyMs: 10 * 365 * 86_400_000, ...settings };
    this.clock = new VirtualClock(1_700_000_100_000);
    this.begin();
  }

  begin(needs?: Parameters<DurableInbox['start']>[0]): void {
    this.store = Store.open({ folder: this.folder, free: () => this.free });
    this.#view = new PageView(this.page);
    this.engine = new ScriptedSession(() => this.clock.now(), this.#view);
    this.inbox = new DurableInbox({
      store: this.store,
      engine: this.engine,
      settings: this.settings,
      isOurs: (id) => this.ours.has(pinnedIdOf(id) ?? ''),
      log: pino({ level: 'silent' }),
      onFatal: (error) => this.fatal.push(error),
      clock: this.clock,
    });
    this.inbox.start(needs);
  }

  /** As a kill of the process: nothing in memory is left. */
  async crash(needs?: Parameters<DurableInbox['start']>[0]): Promise<void> {
    this.clock.kill();
    this.#view.dead = true;
    // Never ends: what it waits for is not answered.
    void this.inbox.stop();
    this.store.close();
    await settle();
    this.clock = new VirtualClock(this.clock.now() + 1000);
    this.begin(needs);
  }

  /** Connected, and everything done that follows from it. */
  async connect(): Promise<void> {
    this.engine.connect();
    await this.quiet();
  }

  async quiet(): Promise<void> {
    for (let turn = 0; turn < 200; turn++) {
      const before = this.page.questions;
      await settle();
      if (this.page.questions === before) return;
    }
  }

  events(): readonly StoredEvent[] {
    const all: StoredEvent[] = [];
    for (let after = 0; ; ) {
      const { events } = this.inbox.read({ after, limit: 1000, types: undefined });
      if (events.length === 0) return all;
      all.push(...events);
      after = events.at(-1)?.id ?? 0;
    }
  }

  /** What happened in the chats, as `type message`. */
  story(): readonly string[] {
    return this.events()
      .filter(({ type }) => type !== 'session.status')
      .map(({ type, message }) => `${type} ${message?.split('_')[2] ?? ''}`);
  }

  async dispose(): Promise<void> {
    this.clock.kill();
    await this.inbox.stop();
    this.store.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
