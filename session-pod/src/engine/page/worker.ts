import process from 'node:process';
import { parentPort, workerData } from 'node:worker_threads';
import type { Page } from 'puppeteer';
import type { SendOutcome } from '../engine.ts';
import { tellsOfFullDisk } from '../faults.ts';
import type {
  CallName,
  Calls,
  FromWorker,
  PageFacts,
  ToWorker,
  WorkerEvent,
  WorkerSettings,
} from '../protocol.ts';
import { callAgent } from './agent-call.ts';
import { createClient, type LibraryClient } from './library-client.ts';
import { requiredModules } from './required-modules.ts';
import { sendMessage } from './sending.ts';

/**
 * The worker thread: one library client on one browser, for one life. It answers calls and tells what it sees;
 * deadlines and decisions are the main thread's.
 */
const port = parentPort;
if (port === null) throw new Error('this runs as a worker thread');
const settings = workerData as WorkerSettings;

const post = (message: FromWorker): void => port.postMessage(message);
const tell = (event: WorkerEvent): void => post({ kind: 'event', event });
const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

let client: LibraryClient | undefined;

function pageNow(): Page {
  const page = client?.pupPage;
  if (!page) throw new Error('there is no page yet');
  return page as unknown as Page;
}

const agent =
  <N extends CallName>(name: N) =>
  (params: Calls[N]['params']): Promise<Calls[N]['result']> =>
    callAgent(pageNow(), name, params);

const NOTHING_YET: PageFacts = {
  running: false,
  version: undefined,
  socket: undefined,
  hasSynced: false,
  dismissed: [],
};

async function observe(): Promise<PageFacts> {
  try {
    return await callAgent<PageFacts>(pageNow(), 'observe');
  } catch (error) {
    // Answered, and not there yet: a page that hangs does not answer at all.
    if (textOf(error).includes('no program yet')) return NOTHING_YET;
    throw error;
  }
}

/** A page whose database has closed goes on connected, and stores nothing any more: it has to begin anew. */
function tellOfStorage(outcome: SendOutcome): SendOutcome {
  if ('detail' in outcome && tellsOfFullDisk(outcome.detail)) {
    tell({ kind: 'storage-full', error: outcome.detail });
  }
  return outcome;
}

async function open(endpoint: string): Promise<null> {
  const made = createClient(endpoint, settings, tell);
  client = made;
  made.initialize().catch((error: unknown) => tell({ kind: 'start-failed', error: textOf(error) }));
  return null;
}

type Handlers = { readonly [N in CallName]: (params: Calls[N]['params']) => Promise<Calls[N]['result']> };

const handlers: Handlers = {
  open: ({ endpoint }) => open(endpoint),
  observe,
  roundTrip: agent('roundTrip'),
  rescueReady: async () => {
    await callAgent(pageNow(), 'rescueReady');
    return null;
  },
  missingModules: () => callAgent(pageNow(), 'missingModules', requiredModules),
  refreshPairing: async () => {
    await callAgent(pageNow(), 'refreshPairing');
    return null;
  },
  requestPairingCode: async ({ phoneNumber }) => {
    if (client === undefined) throw new Error('there is no page yet');
    return client.requestPairingCode(phoneNumber, true);
  },
  reconnectSocket: async () => {
    await callAgent(pageNow(), 'reconnectSocket');
    return null;
  },
  logOut: async () => {
    await callAgent(pageNow(), 'logOut');
    return null;
  },
  close: async () => {
    await client?.destroy();
    return null;
  },
  send: ({ message, preflightMs }) => {
    const made = client;
    if (made === undefined) return Promise.resolve({ kind: 'not_begun', detail: 'there is no page yet' });
    return sendMessage(made, pageNow(), message, preflightMs).then(tellOfStorage);
  },
  lookup: agent('lookup'),
  screenshot: () => pageNow().screenshot({ type: 'png' }),
  resolveNumber: agent('resolveNumber'),
  listChats: agent('listChats'),
  listContacts: agent('listContacts'),
  history: agent('history'),
  newest: agent('newest'),
  readBack: agent('readBack'),
  inspect: agent('inspect'),
  openMedia: agent('openMedia'),
  readMedia: agent('readMedia'),
  closeMedia: agent('closeMedia'),
};

async function answer({ id, name, params }: ToWorker): Promise<void> {
  try {
    const handle = handlers[name] as (given: unknown) => Promise<unknown>;
    post({ kind: 'answer', id, value: await handle(params) });
  } catch (error) {
    post({ kind: 'failure', id, error: textOf(error) });
  }
}

port.on('message', (message: ToWorker) => void answer(message));
process.on('unhandledRejection', (error: unknown) => tell({ kind: 'unhandled', error: textOf(error) }));
setInterval(() => tell({ kind: 'beat' }), settings.heartbeatMs);
tell({ kind: 'beat' });
