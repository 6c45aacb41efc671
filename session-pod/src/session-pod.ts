import type { Logger } from 'pino';
import { browserArguments, requireBrowser } from './browser-arguments.ts';
import { systemClock } from './clock.ts';
import { createEngine, type Engine, type EngineDependencies, type EngineOptions } from './engine/index.ts';
import { ApiKeys } from './http/api-keys.ts';
import { createApiServer } from './http/api-server.ts';
import { MediaFetcher } from './http/fetch-media.ts';
import { directoryHandlers } from './http/handlers/directory.ts';
import { eventHandlers } from './http/handlers/events.ts';
import { messageHandlers } from './http/handlers/messages.ts';
import { sessionHandlers } from './http/handlers/session.ts';
import { webhookHandlers } from './http/handlers/webhooks.ts';
import { createHealthServer } from './http/health-server.ts';
import { close, listen } from './http/listen.ts';
import { createInbound } from './inbound.ts';
import { MediaStore } from './media/media.ts';
import { Metrics } from './metrics/registry.ts';
import { createOutbox, defaultOutboxSettings } from './outbox/index.ts';
import { MessageRows } from './outbox/rows.ts';
import type { Settings } from './settings/settings.ts';
import { describeStats } from './stats.ts';
import { describeSession, describeStatus, type StatusSources } from './status.ts';
import { Store, sizeBytes } from './store/index.ts';
import { TransitionRecord } from './transition-record.ts';

/** A session pod that runs. */
export interface SessionPod {
  readonly apiPort: number;
  readonly healthPort: number;
  /**
   * Refuses what is new, finishes the send in flight, closes the browser cleanly, closes the database. A second call
   * waits for the first.
   */
  readonly stop: () => Promise<void>;
}

export interface Surroundings {
  readonly log: Logger;
  /** Called once when the process cannot go on and has to end; everything that was accepted is on disk. */
  readonly onFatal: (error: unknown) => void;
  /** Called with the engine before it starts, for whoever wants to listen too. */
  readonly onEngine?: (engine: Engine) => void;
  /** Exchanged by tests of what surrounds the engine. */
  readonly makeEngine?: (options: EngineOptions, dependencies: EngineDependencies) => Engine;
}

/** Shares of SHUTDOWN_TIMEOUT: a send takes long when the page is stuck, a browser when it writes its profile. */
const DRAIN_SHARE = 0.4;
const BROWSER_SHARE = 0.45;
/** What clients get to take their last answers. Milliseconds. */
const LAST_ANSWERS_MS = 1000;

/**
 * Starts everything in order; stopping goes backwards. What had been started before a failure is stopped.
 *
 * @throws StartupError with one clear line
 */
export async function startSessionPod(
  settings: Settings,
  { log, onFatal, onEngine, makeEngine = createEngine }: Surroundings,
): Promise<SessionPod> {
  await using parts = new AsyncDisposableStack();
  const processStartedAt = Date.now();
  let phase: 'starting' | 'running' | 'stopping' = 'starting';
  const isStopping = () => phase === 'stopping';

  if (makeEngine === createEngine) await requireBrowser(settings.browser);
  const browserArgs = await browserArguments(settings.browser);
  const { sandboxUrl } = settings.browser;
  if (sandboxUrl !== undefined)
    log.warn({ sandboxUrl }, 'SIMULATION: this session talks to a sandbox, and nothing reaches WhatsApp');

  const store = Store.open({ folder: settings.dataFolder, reserveBytes: settings.storageReserve });
  parts.defer(() => store.close());
  if (store.afterUncleanStop) log.warn('the process before this one ended without its shutdown');

  const engine = makeEngine(engineOptions(settings, browserArgs), {
    log: log.child({ part: 'engine' }),
    now: systemClock.now,
  });
  engine.on({ transition: transitionRecord(store, log, engine).record });
  onEngine?.(engine);

  const rows = new MessageRows(store.database);
  const media = new MediaStore({
    folder: store.mediaFolder,
    maxSize: settings.media.maxSize,
    reserve: store.reserve,
    isNeeded: (digest) => rows.needsMedia(digest),
  });
  const inbound = createInbound({ settings, store, engine, rows, log, onFatal });
  const { inbox, files, webhooks } = inbound;
  const outbox = createOutbox({
    store,
    media,
    engine,
    settings: { ...defaultOutboxSettings, ...settings.outbox, ...settings.sending },
    log: log.child({ part: 'outbox' }),
    onFatal,
  });
  const sources: StatusSources = {
    sessionName: settings.sessionName,
    engine,
    outbox,
    store,
    processStartedAt,
    now: Date.now,
  };
  const metrics = new Metrics({
    engine,
    outbox,
    inbox,
    webhooks,
    counters: store.counters,
    freeBytes: store.reserve.free,
    sizeBytes: () => sizeBytes(store.folder),
    now: Date.now,
  });

  const health = createHealthServer({
    engine,
    isStarted: () => phase !== 'starting',
    isStopping,
    describeStatus: () => describeStatus(sources),
    scrape: () => metrics.scrape(),
    log: log.child({ part: 'health' }),
  });
  const healthPort = await listen(health, settings.health.host, settings.health.port, 'HEALTH_PORT');
  parts.defer(() => close(health, LAST_ANSWERS_MS));

  const fetcher = new MediaFetcher(settings.media);
  parts.defer(() => fetcher.close());
  const api = createApiServer({
    settings: settings.api,
    keys: new ApiKeys(settings.api.keys),
    handlers: {
      ...messageHandlers({ outbox, media, fetcher }),
      ...eventHandlers({ inbox, files }),
      ...webhookHandlers(webhooks),
      ...sessionHandlers({
        engine,
        describeSession: () => describeSession(sources),
        describeStats: () =>
          describeStats({
            families: store.counters.snapshot(),
            inbox: { ...inbox.stats(), logId: inbox.logId },
            outbox: outbox.stats(),
            webhooks: webhooks.list(),
          }),
      }),
      ...directoryHandlers(engine),
    },
    media,
    observe: (observation) => metrics.observeRequest(observation),
    isStopping,
    log: log.child({ part: 'api' }),
  });
  const apiPort = await listen(api, settings.api.host, settings.api.port, 'PORT');
  parts.defer(() => close(api, LAST_ANSWERS_MS));

  inbound.start();
  parts.defer(() => inbound.stop());
  engine.start();
  parts.defer(() => engine.stop(BROWSER_SHARE * settings.shutdownTimeoutMs));
  outbox.start();
  parts.defer(() => outbox.drain(DRAIN_SHARE * settings.shutdownTimeoutMs));
  parts.defer(() => {
    phase = 'stopping';
    outbox.pauseIntake();
    inbox.release();
  });

  phase = 'running';
  log.info(
    { api: `${settings.api.host}:${apiPort}`, health: `${settings.health.host}:${healthPort}` },
    'started',
  );
  const running = parts.move();
  return { apiPort, healthPort, stop: () => running.disposeAsync() };
}

function engineOptions(
  { dataFolder, browser, pairing }: Settings,
  browserArgs: readonly string[],
): EngineOptions {
  return {
    dataFolder,
    executable: browser.path,
    flavor: browser.flavor,
    browserArgs,
    browserSandbox: browser.sandbox,
    proxy: browser.proxy,
    pairing,
  };
}

function transitionRecord(store: Store, log: Logger, { snapshot }: Engine): TransitionRecord {
  return new TransitionRecord(
    {
      recordDisconnect: (disconnect) => store.recordDisconnect(disconnect),
      countRestart: (reason) => store.counters.increment('engineRestarts', { reason }),
      observeReconnect: (seconds) => store.counters.observe('reconnectSeconds', {}, seconds),
      log,
    },
    snapshot.lastTransition.at,
  );
}
