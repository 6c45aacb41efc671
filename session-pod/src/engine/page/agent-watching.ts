import type { PageFacts } from '../protocol.ts';
import type { PageKey, PageMessage, PageWid, PageWindow } from './internals.ts';

declare const window: PageWindow;
declare const document: {
  querySelectorAll(selector: string): Iterable<{
    readonly textContent: string | null;
    querySelectorAll(selector: string): Iterable<{ readonly textContent: string | null; click(): void }>;
  }>;
};

/** Runs in the page: installs what watches its connection and its messages. Self-contained. */
export function installWatching(): void {
  window.sessionPod ??= {};
  const agent = window.sessionPod;
  if (agent['observe'] !== undefined) return;
  const modules = window.require;
  const attached = new Set<string>();

  /** How long a hint about a message may wait for others to go with it, in milliseconds. */
  const GATHER_MS = 10;
  let gathered: object[] = [];

  const flush = (): void => {
    const events = gathered;
    gathered = [];
    if (events.length > 0) void window.sessionPodEvent?.(JSON.stringify(events));
  };

  /** At once, and everything that waits before it. */
  const tell = (event: object): void => {
    gathered.push(event);
    flush();
  };

  /** Soon: under load each crossing from the page costs as much as a send. */
  const hint = (event: object): void => {
    if (gathered.length === 0) setTimeout(flush, GATHER_MS);
    gathered.push(event);
  };

  /** Listens once per document; a module that is not there yet is tried again with the next question. */
  const attach = (name: string, listen: () => void): void => {
    if (attached.has(name)) return;
    try {
      listen();
      attached.add(name);
    } catch {
      // Not there yet, or renamed: events are hints, and what they hint at is also asked for.
    }
  };

  const attachAll = (): void => {
    attach('socket', () => {
      const { Socket } = modules('WAWebSocketModel');
      const report = () =>
        tell({ kind: 'socket', socket: String(Socket.state), hasSynced: Socket.hasSynced === true });
      Socket.on('change:state', report);
      Socket.on('change:hasSynced', report);
    });
    attach('logout', () => {
      const { Cmd } = modules('WAWebCmd');
      Cmd.on('logout', () => tell({ kind: 'logged-out' }));
      Cmd.on('logout_from_bridge', () => tell({ kind: 'logged-out' }));
    });
    attach('messages', () => {
      const { Msg } = modules('WAWebCollections');
      const keyText = agent['keyText'] as (key: PageKey) => string;
      const toHistory = agent['toHistory'] as (message: PageMessage) => object;
      Msg.on('add', (message) => {
        if (message.isNewMsg === true) hint({ kind: 'message', message: toHistory(message) });
      });
      Msg.on('change:ack', (message) => {
        if (message.id.fromMe) {
          hint({ kind: 'ack', messageId: keyText(message.id), ack: message.ack ?? 0 });
        }
      });
    });
  };

  /** What only the inbox listens for; installed after this. */
  const attachInbox = (): void =>
    (agent['attachInbox'] as ((hint: (event: object) => void) => void) | undefined)?.(hint);

  /** Dialogs that the page covers itself with after an update, known by their words. */
  const dismissDialogs = (): readonly string[] => {
    const closed: string[] = [];
    for (const dialog of document.querySelectorAll('[role=dialog]')) {
      const text = dialog.textContent ?? '';
      if (!/what.s new|introducing|new look/i.test(text)) continue;
      const buttons = [...dialog.querySelectorAll('button, [role=button]')];
      const button = buttons.find(({ textContent }) =>
        /continue|ok|got it|done|close/i.test(textContent ?? ''),
      );
      if (button === undefined) continue;
      button.click();
      closed.push(text.slice(0, 40));
    }
    return closed;
  };

  const observe = (): PageFacts => {
    attachAll();
    attachInbox();
    const { Socket } = modules('WAWebSocketModel');
    return {
      running: true,
      version: window.Debug?.VERSION,
      socket: Socket.state,
      hasSynced: Socket.hasSynced === true,
      dismissed: dismissDialogs(),
    };
  };

  const roundTrip = async (): Promise<boolean> => {
    const { getMaybeMePnUser, getMaybeMeLidUser } = modules('WAWebUserPrefsMeUser');
    const me: PageWid | null | undefined = getMaybeMePnUser() ?? getMaybeMeLidUser();
    if (!me) return false;
    await modules('WAWebQueryExistsJob').queryWidExists(me);
    return true;
  };

  const missingModules = (names: readonly string[]): readonly string[] =>
    names.filter((name) => {
      try {
        return !modules(name as 'WAWebCmd');
      } catch {
        return true;
      }
    });

  Object.assign(agent, {
    observe,
    roundTrip,
    missingModules,
    rescueReady: () => window.onAppStateHasSyncedEvent?.(),
    refreshPairing: () => modules('WAWebCmd').Cmd.refreshQR(),
    reconnectSocket: () => modules('WAWebSocketModel').Socket.reconnect(),
    logOut: () => modules('WAWebSocketModel').Socket.logout(),
  });
}
