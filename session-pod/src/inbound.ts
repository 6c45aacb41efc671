import { join } from 'node:path';
import type { Logger } from 'pino';
import { systemClock } from './clock.ts';
import type { Engine } from './engine/engine.ts';
import { EagerMedia } from './inbox/eager-media.ts';
import { DurableInbox, defaultInboxSettings } from './inbox/index.ts';
import { MediaFiles } from './inbox/media-files.ts';
import { pinnedIdOf } from './outbox/pinned-id.ts';
import type { MessageRows } from './outbox/rows.ts';
import type { Settings } from './settings/settings.ts';
import type { Store } from './store/index.ts';
import { Courier, defaultWebhookSettings, Webhooks } from './webhooks/index.ts';

export interface InboundParts {
  readonly settings: Settings;
  readonly store: Store;
  readonly engine: Engine;
  readonly rows: MessageRows;
  readonly log: Logger;
  readonly onFatal: (error: unknown) => void;
}

/** The way of what comes in: from the page into the event log, from there to files and webhooks. */
export interface Inbound {
  readonly inbox: DurableInbox;
  readonly files: MediaFiles;
  readonly webhooks: Webhooks;
  readonly start: () => void;
  /** Backwards; requests that are under way get a moment. */
  readonly stop: () => Promise<void>;
}

/** What receivers of webhooks get to answer the last requests. Milliseconds. */
const LAST_DELIVERIES_MS = 1000;

/** Builds the inbound half. To be called before the outbox, which removes the mark of a restored folder. */
export function createInbound({ settings, store, engine, rows, log, onFatal }: InboundParts): Inbound {
  const inbox = new DurableInbox({
    store,
    engine,
    settings: { ...defaultInboxSettings, ...settings.inbox },
    isOurs: (messageId) => {
      const id = pinnedIdOf(messageId);
      return id !== undefined && rows.byId(id) !== undefined;
    },
    log: log.child({ part: 'inbox' }),
    onFatal,
  });
  const files = new MediaFiles({
    folder: join(store.folder, 'inbox-media'),
    engine,
    reserve: store.reserve,
    maxSize: settings.inbox.mediaMaxSize,
    maxTotal: settings.inbox.mediaTotal,
    firstEvent: () => inbox.bounds.first,
  });
  const eager = new EagerMedia({
    log: inbox.events,
    files,
    isConnected: () => engine.snapshot.state === 'Connected',
    clock: systemClock,
    logger: log.child({ part: 'inbox' }),
  });
  const webhookSettings = { ...defaultWebhookSettings, ...settings.webhooks };
  const courier = new Courier(webhookSettings);
  const webhooks = new Webhooks({
    store,
    log: inbox.events,
    courier,
    session: settings.sessionName,
    settings: webhookSettings,
    configured: settings.webhooks.configured,
    logger: log.child({ part: 'webhooks' }),
    onFatal,
  });
  return {
    inbox,
    files,
    webhooks,
    start: () => {
      webhooks.start();
      inbox.start({ doneWith: () => webhooks.doneWith(), pruned: (upTo) => webhooks.pruned(upTo) });
      if (settings.inbox.mediaEager) eager.start();
    },
    stop: async () => {
      eager.stop();
      await inbox.stop();
      await webhooks.stop(LAST_DELIVERIES_MS);
      await courier.close();
    },
  };
}
