import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventType, WebhookWish } from '@whatsapp-operator/api/session';
import { pino } from 'pino';
import { EventLog } from '../../inbox/event-log.ts';
import { settle, VirtualClock } from '../../outbox/testing/virtual-clock.ts';
import { Store } from '../../store/store.ts';
import type { Poster } from '../deliverer.ts';
import type { AttemptResult } from '../judge.ts';
import { defaultWebhookSettings, type WebhookSettings } from '../settings.ts';
import { Webhooks } from '../webhooks.ts';

export interface Received {
  readonly url: string;
  readonly id: string;
  readonly sequence: number;
  readonly chat: string;
  readonly headers: Record<string, string>;
}

export const OK: AttemptResult = { kind: 'answered', status: 200, retryAfterMs: undefined };
export const silence: AttemptResult = { kind: 'unanswered', detail: 'ECONNREFUSED' };
export const refuses = (status: number, retryAfterMs?: number): AttemptResult => ({
  kind: 'answered',
  status,
  retryAfterMs,
});

/** Webhooks on a real database, in virtual time, with receivers that a test plays. Can be crashed. */
export class WebhookRig {
  readonly folder = mkdtempSync(join(tmpdir(), 'webhooks-'));
  /** Everything that receivers got, whether they accepted it or not. */
  readonly requests: Received[] = [];
  /** What they answered 2xx to. */
  readonly accepted: Received[] = [];
  readonly fatal: unknown[] = [];
  /** What a receiver answers; a promise that never ends is one that hangs. */
  answer: (request: Received) => AttemptResult | Promise<AttemptResult> = () => OK;
  readonly #settings: WebhookSettings;
  readonly #configured: readonly WebhookWish[];
  clock = new VirtualClock();
  store!: Store;
  log!: EventLog;
  webhooks!: Webhooks;
  #alive = { value: true };

  constructor(settings: Partial<WebhookSettings> = {}, configured: readonly WebhookWish[] = []) {
    this.#settings = { ...defaultWebhookSettings, ...settings };
    this.#configured = configured;
    this.begin();
  }

  begin(): void {
    const alive = { value: true };
    this.#alive = alive;
    this.store = Store.open({ folder: this.folder, free: () => 2 ** 30 });
    this.log = new EventLog(this.store.database, this.store.counters, () => this.clock.now());
    const courier: Poster = {
      post: async (url, body, headers) => {
        const parsed = JSON.parse(body) as { id: string; sequence: number; payload: { chat: string } };
        const { id, sequence, payload } = parsed;
        const received = { url, id, sequence, chat: payload.chat, headers };
        this.requests.push(received);
        const answer = await this.answer(received);
        if (answer.kind === 'answered' && answer.status < 300) this.accepted.push(received);
        // A process that was killed hears no answer.
        return alive.value ? answer : await new Promise<AttemptResult>(() => undefined);
      },
    };
    this.webhooks = new Webhooks({
      store: this.store,
      log: this.log,
      courier,
      session: 'sales',
      settings: this.#settings,
      configured: this.#configured,
      logger: pino({ level: 'silent' }),
      onFatal: (error) => this.fatal.push(error),
      clock: this.clock,
      random: () => 1,
    });
    this.webhooks.start();
  }

  async crash(): Promise<void> {
    this.clock.kill();
    this.#alive.value = false;
    await settle();
    this.store.close();
    this.clock = new VirtualClock(this.clock.now() + 1000);
    this.begin();
  }

  add(chat: string, type: EventType = 'message'): number {
    return this.log.commit((add) =>
      add({ type, chat, occurredAt: 1, message: 'm', payload: { chat, type: 'chat' } }),
    );
  }

  create(wish: Partial<WebhookWish> = {}): void {
    this.webhooks.create({ id: 'crm', url: 'https://example.com/in', secrets: [], enabled: true, ...wish });
  }

  /** Ids of events that a receiver accepted, in order. */
  got(url?: string): readonly number[] {
    return this.accepted
      .filter((each) => url === undefined || each.url === url)
      .map(({ sequence }) => sequence);
  }

  async dispose(): Promise<void> {
    this.#alive.value = false;
    this.clock.kill();
    await settle();
    this.store.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
