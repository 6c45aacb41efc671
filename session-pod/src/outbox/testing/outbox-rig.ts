import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { MediaStore } from '../../media/media.ts';
import { Store } from '../../store/store.ts';
import type { AcceptRequest, Outbox } from '../contract.ts';
import { createOutbox } from '../outbox.ts';
import { MessageRows } from '../rows.ts';
import { defaultOutboxSettings, type OutboxSettings } from '../settings.ts';
import { ScriptedEngine, type World } from './scripted-engine.ts';
import { VirtualClock } from './virtual-clock.ts';

export const ALICE = '5511911111111@c.us';
export const BOB = '5511922222222@c.us';
export const CAROL = '5511933333333@c.us';

export const aText = (chatId = ALICE, different: Partial<AcceptRequest> = {}): AcceptRequest => ({
  chatId,
  content: { type: 'text', body: 'hello', linkPreview: false },
  replyTo: undefined,
  mentions: [],
  expiresAfterMs: undefined,
  ...different,
});

/** Sends at once and without chance, unless a test says otherwise. */
export const quickSettings: OutboxSettings = { ...defaultOutboxSettings, ratePerMinute: 60_000_000 };

export interface RigOptions {
  readonly settings?: Partial<OutboxSettings>;
  readonly folder?: string;
  readonly world?: World;
  readonly now?: number;
  readonly free?: () => number;
  readonly random?: () => number;
  readonly maxMediaSize?: number;
}

/** One process of a session pod, as far as the outbox goes: real database and files, scripted engine and time. */
export class OutboxRig {
  readonly folder: string;
  readonly clock: VirtualClock;
  readonly engine: ScriptedEngine;
  readonly store: Store;
  readonly media: MediaStore;
  readonly outbox: Outbox;
  readonly fatal: unknown[] = [];
  /** What was logged, from debug on. */
  readonly logged: Readonly<Record<string, unknown>>[] = [];

  constructor(options: RigOptions = {}) {
    this.folder = options.folder ?? mkdtempSync(join(tmpdir(), 'outbox-'));
    this.clock = new VirtualClock(options.now);
    this.engine = new ScriptedEngine(() => this.clock.now(), options.world);
    this.store = Store.open({ folder: this.folder, free: options.free ?? (() => 2 ** 40) });
    const rows = new MessageRows(this.store.database);
    this.media = new MediaStore({
      folder: this.store.mediaFolder,
      maxSize: options.maxMediaSize ?? 1_000_000,
      reserve: this.store.reserve,
      isNeeded: (digest) => rows.needsMedia(digest),
    });
    this.outbox = createOutbox({
      store: this.store,
      media: this.media,
      engine: this.engine,
      settings: { ...quickSettings, ...options.settings },
      log: pino({ level: 'debug' }, { write: (line: string) => void this.logged.push(JSON.parse(line)) }),
      onFatal: (error) => this.fatal.push(error),
      clock: this.clock,
      random: options.random ?? (() => 0.5),
    });
  }

  /** Started and connected. */
  static running(options: RigOptions = {}): OutboxRig {
    const rig = new OutboxRig(options);
    rig.engine.connect();
    rig.outbox.start();
    return rig;
  }

  accept(request = aText()): string {
    return this.outbox.accept(request).message.id;
  }

  status(id: string): string | undefined {
    return this.outbox.get(id)?.status;
  }

  /**
   * What a `kill -9` at this moment leaves behind, in a folder of its own. The database is copied byte by byte; this
   * process does nothing any more.
   */
  kill(): string {
    this.clock.kill();
    this.engine.dead = true;
    const copy = mkdtempSync(join(tmpdir(), 'outbox-'));
    mkdirSync(join(copy, 'media'));
    for (const name of readdirSync(this.folder)) {
      if (name.startsWith('session.db') && !name.endsWith('-shm')) {
        cpSync(join(this.folder, name), join(copy, name));
      }
    }
    cpSync(this.store.mediaFolder, join(copy, 'media'), { recursive: true });
    return copy;
  }

  /** Frees what the test held. */
  dispose(): void {
    this.engine.dead = true;
    void this.outbox.drain(0);
    this.clock.kill();
    this.store.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
