import type { WebhookChange, WebhookWish } from '@whatsapp-operator/api/session';
import type { Logger } from 'pino';
import { type Clock, systemClock } from '../clock.ts';
import { Failure } from '../failure.ts';
import { checkTarget } from '../http/outbound.ts';
import type { EventLog } from '../inbox/event-log.ts';
import type { Store } from '../store/store.ts';
import { Deliverer, type Poster } from './deliverer.ts';
import type { Endpoint, FailedEvent } from './endpoint.ts';
import { type Attempt, WebhookRows } from './rows.ts';
import type { WebhookSettings } from './settings.ts';

export interface WebhooksOptions {
  readonly store: Store;
  readonly log: EventLog;
  readonly courier: Poster;
  readonly session: string;
  readonly settings: WebhookSettings;
  /** Those of the settings, which the API cannot change. */
  readonly configured: readonly WebhookWish[];
  readonly logger: Logger;
  readonly onFatal: (error: unknown) => void;
  readonly clock?: Clock;
  readonly random?: () => number;
}

export type WebhookFailureCode =
  | 'webhook_not_found'
  | 'webhook_exists'
  | 'webhook_of_settings'
  | 'webhook_url_refused'
  | 'webhook_limit';

/** A webhook with what waits for it. */
export interface WebhookState {
  readonly endpoint: Endpoint;
  readonly deliveredTo: number;
  readonly pending: number;
  /** When the oldest event that waits was written; milliseconds since 1970. */
  readonly oldestPendingAt: number | undefined;
  readonly failing: number;
  readonly dead: number;
}

const SAVE_MS = 5000;

/**
 * All webhooks of the session. Guarantees: those of the settings are there as the settings say, with the position
 * that they had; each delivers by itself, whatever becomes of the others; nothing is delivered before `start`.
 */
export class Webhooks {
  readonly #options: WebhooksOptions;
  readonly #clock: Clock;
  readonly #rows: WebhookRows;
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #deliverers = new Map<string, Deliverer>();
  #unsubscribe: (() => void) | undefined;
  #cancelSave: (() => void) | undefined;
  #started = false;

  constructor(options: WebhooksOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#rows = new WebhookRows(options.store.database);
    options.store.database.transaction(() => this.#configure());
    for (const endpoint of this.#rows.list()) this.#endpoints.set(endpoint.id, endpoint);
  }

  start(): void {
    this.#started = true;
    for (const endpoint of this.#endpoints.values()) this.#begin(endpoint);
    this.#unsubscribe = this.#options.log.onCommit(() => {
      // After whoever writes has gone on: delivering is not part of it.
      setImmediate(() => {
        for (const deliverer of this.#deliverers.values()) deliverer.run();
      });
    });
    this.#saveLater();
  }

  /** Nothing new is sent; what is under way gets this long. */
  async stop(graceMs: number): Promise<void> {
    this.#started = false;
    this.#cancelSave?.();
    this.#unsubscribe?.();
    await Promise.all([...this.#deliverers.values()].map((deliverer) => deliverer.stop(graceMs)));
    this.#save();
  }

  list(): readonly WebhookState[] {
    return [...this.#endpoints.values()].map((endpoint) => this.#describe(endpoint));
  }

  /** @throws Failure<WebhookFailureCode> `webhook_not_found` */
  get(id: string): WebhookState {
    return this.#describe(this.#require(id));
  }

  /** @throws Failure<WebhookFailureCode | StorageFailureCode> */
  create(wish: WebhookWish): WebhookState {
    if (this.#endpoints.has(wish.id)) {
      throw refused('webhook_exists', 'conflict', `there is a webhook ${wish.id} already`);
    }
    if (this.#endpoints.size >= this.#options.settings.maxWebhooks) {
      throw refused('webhook_limit', 'retry', `there are ${this.#endpoints.size} webhooks already`);
    }
    this.#checkUrl(wish.url);
    const endpoint = this.#toEndpoint(wish, 'api');
    this.#put(endpoint);
    return this.#describe(endpoint);
  }

  /** @throws Failure<WebhookFailureCode | StorageFailureCode> */
  change(id: string, change: WebhookChange): WebhookState {
    const before = this.#requireOwn(id);
    if (change.url !== undefined) this.#checkUrl(change.url);
    const endpoint: Endpoint = {
      ...before,
      deliveredTo: this.#deliverers.get(id)?.doneTo ?? before.deliveredTo,
      url: change.url ?? before.url,
      events: change.events === undefined ? before.events : (change.events ?? undefined),
      secrets: change.secrets ?? before.secrets,
      enabled: change.enabled ?? before.enabled,
      disabledReason: change.enabled === true ? undefined : before.disabledReason,
    };
    this.#put(endpoint);
    return this.#describe(endpoint);
  }

  /** @throws Failure<WebhookFailureCode | StorageFailureCode> */
  delete(id: string): WebhookState {
    const state = this.#describe(this.#requireOwn(id));
    this.#options.store.database.transaction(() => this.#rows.delete(id));
    this.#deliverers.get(id)?.abandon();
    void this.#end(id);
    this.#endpoints.delete(id);
    return state;
  }

  attempts(id: string, limit: number): readonly Attempt[] {
    this.#require(id);
    return this.#rows.attempts(id, limit);
  }

  deadLetters(id: string, after: number, limit: number): readonly FailedEvent[] {
    this.#require(id);
    return this.#rows.failed(id, 'dead', after, limit);
  }

  /** Sends dead letters again; how many. */
  redrive(id: string, events: readonly number[] | undefined): number {
    this.#require(id);
    const count = this.#options.store.database.transaction(() => this.#rows.redrive(id, events));
    this.#deliverers.get(id)?.redrive();
    return count;
  }

  /** The last event that every enabled webhook is done with; undefined when there is none. */
  doneWith(): number | undefined {
    const positions = [...this.#endpoints.values()]
      .filter(({ enabled }) => enabled)
      .map(({ id, deliveredTo }) => this.#deliverers.get(id)?.doneTo ?? deliveredTo);
    return positions.length === 0 ? undefined : Math.min(...positions);
  }

  /** Called within the transaction that prunes events. */
  pruned(upTo: number): void {
    this.#rows.pruned(upTo);
  }

  /** Makes the stored webhooks of the settings what the settings say. */
  #configure(): void {
    const { configured, logger } = this.#options;
    const stored = new Map(this.#rows.list().map((endpoint) => [endpoint.id, endpoint]));
    const wanted = new Set(configured.map(({ id }) => id));
    for (const { id, source } of stored.values()) {
      if (source === 'settings' && !wanted.has(id)) this.#rows.delete(id);
    }
    for (const wish of configured) {
      const before = stored.get(wish.id);
      if (before?.source === 'api')
        logger.warn({ webhook: wish.id }, 'the settings replace a webhook of the API');
      this.#rows.put(this.#toEndpoint(wish, 'settings', before));
    }
  }

  #toEndpoint(wish: WebhookWish, source: Endpoint['source'], before?: Endpoint): Endpoint {
    const { last } = this.#options.log.bounds;
    const begin = Math.min(wish.after ?? last, last);
    const isGone = before?.disabledReason !== undefined && before.url === wish.url;
    return {
      id: wish.id,
      source,
      url: wish.url,
      events: wish.events,
      secrets: wish.secrets,
      // A receiver that said 410 stays alone until its address changes.
      enabled: wish.enabled && !isGone,
      disabledReason: isGone ? before.disabledReason : undefined,
      beginsAfter: before?.beginsAfter ?? begin,
      deliveredTo: before?.deliveredTo ?? begin,
      createdAt: before?.createdAt ?? this.#clock.now(),
    };
  }

  #put(endpoint: Endpoint): void {
    const { database } = this.#options.store;
    const { id } = endpoint;
    this.#deliverers.get(id)?.savePosition();
    database.transaction(() => this.#rows.put(endpoint));
    this.#endpoints.set(id, endpoint);
    // The one before ends first: two would deliver out of order.
    void this.#end(id)
      .then(() => {
        const stored = this.#rows.list().find((each) => each.id === id);
        if (stored === undefined || !this.#started || this.#deliverers.has(id)) return;
        this.#endpoints.set(id, stored);
        this.#begin(stored);
      })
      .catch(this.#options.onFatal);
  }

  #begin(endpoint: Endpoint): void {
    if (!endpoint.enabled) return;
    const { store, log, courier, session, settings, logger, onFatal, random = Math.random } = this.#options;
    const deliverer = new Deliverer({
      endpoint,
      rows: this.#rows,
      database: store.database,
      counters: store.counters,
      log,
      courier,
      session,
      settings,
      clock: this.#clock,
      random,
      logger,
      onGone: (gone) => this.#gone(gone),
      onFatal,
    });
    this.#deliverers.set(endpoint.id, deliverer);
    deliverer.run();
  }

  async #end(id: string): Promise<void> {
    const deliverer = this.#deliverers.get(id);
    if (deliverer === undefined) return;
    await deliverer.stop(0);
    if (this.#deliverers.get(id) === deliverer) this.#deliverers.delete(id);
  }

  #gone({ id }: Endpoint): void {
    const endpoint = this.#endpoints.get(id);
    if (endpoint === undefined) return;
    this.#options.logger.warn({ webhook: id }, 'webhook answered 410 Gone: it is disabled');
    try {
      this.#put({ ...endpoint, enabled: false, disabledReason: 'the receiver answered 410 Gone' });
    } catch (err) {
      this.#options.logger.error({ err, webhook: id }, 'a webhook could not be disabled on disk');
    }
  }

  #saveLater(): void {
    this.#cancelSave = this.#clock.after(SAVE_MS, () => {
      this.#save();
      this.#saveLater();
    });
  }

  /** A position that is not saved costs the next start a look at some more events, and nothing else. */
  #save(): void {
    try {
      for (const deliverer of this.#deliverers.values()) deliverer.savePosition();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
    }
  }

  #checkUrl(url: string): void {
    const { allowPrivateAddresses } = this.#options.settings;
    const target = checkTarget(url, { allowPrivate: allowPrivateAddresses });
    if (target.kind === 'ok') return;
    throw refused(
      'webhook_url_refused',
      'terminal',
      target.kind === 'private'
        ? 'webhooks go to public addresses only; WEBHOOK_ALLOW_PRIVATE_ADDRESSES=true allows others'
        : target.detail,
    );
  }

  #require(id: string): Endpoint {
    const endpoint = this.#endpoints.get(id);
    if (endpoint === undefined) throw refused('webhook_not_found', 'terminal', `there is no webhook ${id}`);
    return endpoint;
  }

  #requireOwn(id: string): Endpoint {
    const endpoint = this.#require(id);
    if (endpoint.source === 'settings') {
      throw refused(
        'webhook_of_settings',
        'conflict',
        `the webhook ${id} comes from the settings: change it there`,
      );
    }
    return endpoint;
  }

  #describe(endpoint: Endpoint): WebhookState {
    const { log } = this.#options;
    const deliverer = this.#deliverers.get(endpoint.id);
    const deliveredTo = deliverer?.doneTo ?? endpoint.deliveredTo;
    return {
      endpoint,
      deliveredTo,
      pending: deliverer?.pending ?? Math.max(0, log.bounds.last - deliveredTo),
      oldestPendingAt: log.writtenAt(Math.max(deliveredTo + 1, log.bounds.first)),
      failing: deliverer?.failing ?? 0,
      dead: this.#rows.countDead(endpoint.id),
    };
  }
}

const refused = (
  code: WebhookFailureCode,
  failureClass: 'retry' | 'terminal' | 'conflict',
  message: string,
): Failure<WebhookFailureCode> => new Failure(code, failureClass, message);
