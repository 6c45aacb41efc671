import type { Browser, Page } from 'puppeteer';
import library from 'whatsapp-web.js';
import { tellsOfFullDisk } from '../faults.ts';
import type { WorkerEvent, WorkerSettings } from '../protocol.ts';
import { type EventSource, tellLibraryHints } from './library-hints.ts';

type Tell = (event: WorkerEvent) => void;

/** The library's client with the fields that its types leave out. */
export interface LibraryClient extends library.Client {
  lastLoggedOut: boolean;
}

/**
 * Where the library asks about the profile, and the first moment at which it has a page: nothing has been loaded by
 * then, so no crash of the page goes unseen. Wiping is not left to it, because it would delete the folder under the
 * running browser.
 */
class SupervisedAuth extends library.NoAuth {
  override readonly afterBrowserInitialized: () => Promise<void>;
  /** Never ends: what the library would do after a logout, in the same browser, does not last. */
  override readonly logout = (): Promise<void> => new Promise(() => undefined);

  constructor(hook: () => Promise<void>) {
    super();
    this.afterBrowserInitialized = hook;
  }
}

/** A client that is connected to a browser which the main thread started; it tells everything it sees. */
export function createClient(endpoint: string, settings: WorkerSettings, tell: Tell): LibraryClient {
  const client: LibraryClient = new library.Client({
    authStrategy: new SupervisedAuth(() => watch(client, tell)),
    webVersionCache: { type: 'none' },
    takeoverOnConflict: false,
    qrMaxRetries: 0,
    authTimeoutMs: settings.authTimeoutMs,
    puppeteer: {
      browserWSEndpoint: endpoint,
      protocolTimeout: settings.protocolMs,
      defaultViewport: { width: 1280, height: 800 },
    },
    ...(settings.proxyCredentials === undefined ? {} : { proxyAuthentication: settings.proxyCredentials }),
  }) as LibraryClient;
  client.on('qr', (qr) => tell({ kind: 'qr', qr }));
  client.on('code', (code: string) => tell({ kind: 'code', code }));
  client.on('loading_screen', () => tell({ kind: 'sync-progress' }));
  client.on('ready', () => tell({ kind: 'ready', account: accountOf(client) }));
  tellLibraryHints(client as unknown as EventSource, tell);
  client.on('disconnected', (reason) => {
    if (reason === 'LOGOUT') tell({ kind: 'logged-out' });
  });
  return client;
}

function accountOf({ info }: LibraryClient): Extract<WorkerEvent, { kind: 'ready' }>['account'] {
  const user = info?.wid?.user;
  return user === undefined
    ? undefined
    : { user, name: info.pushname || undefined, platform: info.platform || undefined };
}

async function watch(client: LibraryClient, tell: Tell): Promise<void> {
  const { pupBrowser, pupPage } = client as unknown as { pupBrowser: Browser; pupPage: Page };
  let documents = 0;
  pupBrowser.on('disconnected', () => tell({ kind: 'browser-gone' }));
  pupPage.on('error', (error) => tell({ kind: 'page-crashed', detail: error.message }));
  pupPage.on('close', () => tell({ kind: 'page-closed' }));
  pupPage.on('pageerror', (error) => {
    const text = error instanceof Error ? error.message : String(error);
    tell({ kind: tellsOfFullDisk(text) ? 'storage-full' : 'page-error', error: text });
  });
  pupPage.on('response', (response) => {
    const request = response.request();
    if (request.isNavigationRequest() && request.frame() === pupPage.mainFrame()) {
      tell({ kind: 'document', status: response.status() });
    }
  });
  pupPage.on('domcontentloaded', () => {
    if (pupPage.url() === 'about:blank') return;
    documents += 1;
    const loggedOut = client.lastLoggedOut || pupPage.url().includes('post_logout=1');
    tell({ kind: 'loaded', number: documents, loggedOut });
  });
  await pupPage.exposeFunction('sessionPodEvent', (events: string) => {
    for (const event of JSON.parse(events) as WorkerEvent[]) tell(event);
  });
  for (const other of await pupBrowser.pages()) if (other !== pupPage) await other.close();
  tell({ kind: 'opened', browser: await pupBrowser.version() });
}
