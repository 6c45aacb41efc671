import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { createControlServer } from './control/control-server.ts';
import { createHandlers } from './control/handlers.ts';
import { SandboxError } from './errors.ts';
import { FaultRegistry } from './faults/registry.ts';
import { LiveFeed } from './live/live-feed.ts';
import { liveSource } from './live/live-source.ts';
import type { OnMark } from './live/mark.ts';
import { createPhonePage } from './phone/phone-page.ts';
import { seededRandom } from './random.ts';
import type { Settings } from './settings.ts';
import { countStart, openDatabase } from './store/database.ts';
import { MediaStore } from './store/media.ts';
import { browserArgs } from './web/browser-args.ts';
import { Hub } from './web/hub.ts';
import { buildPageProgram } from './web/page-bundle.ts';
import { loadTlsPair, spkiFingerprint } from './web/tls.ts';
import { createWebServer } from './web/web-server.ts';
import { createWorld } from './world/world.ts';

/** A sandbox that runs. */
export interface Sandbox {
  /** Where the control API is. */
  readonly controlUrl: string;
  /** The HTTPS port that stands for web.whatsapp.com. */
  readonly webPort: number;
  /** What Chromium must be started with to come here. */
  readonly browserArgs: readonly string[];
  /** Ends every connection and closes the database; what was accepted is kept. */
  readonly stop: () => Promise<void>;
}

/** Starts a sandbox in this process. Resolves when both ports listen. */
export async function startSandbox(settings: Settings): Promise<Sandbox> {
  const logger = pino({ level: settings.logLevel });
  const log = (event: string, detail: Readonly<Record<string, unknown>>) => logger.info(detail, event);
  const inMemory = settings.dataFolder === ':memory:';
  const folder = inMemory ? null : settings.dataFolder;

  const tls = await loadTlsPair(folder);
  const program = await buildPageProgram();
  const database = openDatabase(settings.dataFolder);
  const run = `${settings.seed} start ${countStart(database)}`;
  let timing = settings.timing;

  // Marks come only from the world's writes, and the feed reads the world: each exists before the first mark.
  const onMark: OnMark = (mark) => live.mark(mark);
  const hub = new Hub(settings.seed, log, onMark);
  const world = createWorld({
    database,
    faults: new FaultRegistry(settings.seed, Date.now, onMark),
    random: seededRandom(`${run} world`),
    now: Date.now,
    timing: () => timing,
    onMark,
    listener: {
      onFeed: (account, entry) => hub.onFeed(account, entry),
      onSent: (account, chat, id, ack) => hub.onSent(account, chat, id, ack),
    },
  });
  hub.attach(world);
  const live = new LiveFeed(liveSource(world, hub));
  for (const number of settings.accounts) {
    if (world.accounts.find(number) === undefined) {
      world.people.createAccount({ number, autoLink: settings.autoLink, contacts: settings.contacts });
    }
  }
  world.traffic.resume();

  const media = new MediaStore(folder);
  const web = createWebServer({ tls, world, hub, media, program, log });
  let advertised = settings.advertisedAddress ?? '';
  const argsFor = (address = advertised) => browserArgs(address, spkiFingerprint(tls.cert));
  const handlers = createHandlers({
    world,
    hub,
    media,
    live,
    browserArgs: argsFor,
    setTiming: (next) => {
      timing = next;
    },
  });
  const control = createControlServer(handlers, createPhonePage(), log);
  const stop = async () => {
    live.stop();
    hub.stop();
    world.traffic.stop();
    await Promise.all([close(web), close(control)]);
    database.close();
  };

  try {
    const webPort = await listen(web, settings.webPort, settings.host);
    advertised = settings.advertisedAddress ?? `127.0.0.1:${webPort}`;
    const controlPort = await listen(control, settings.controlPort, settings.host);
    const controlHost = settings.host === '0.0.0.0' ? '127.0.0.1' : settings.host;
    const args = argsFor();
    logger.info(
      { webPort, controlPort, browserArgs: args },
      'sandbox runs: a simulation, nothing reaches WhatsApp',
    );
    return { controlUrl: `http://${controlHost}:${controlPort}`, webPort, browserArgs: args, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const remedy = 'choose another with SANDBOX_WEB_PORT or SANDBOX_CONTROL_PORT, or another SANDBOX_HOST';
      const problem = `cannot listen on ${host}:${port} (${cause.message}): ${remedy}`;
      reject(new SandboxError('PORT_UNUSABLE', problem, { cause }));
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
