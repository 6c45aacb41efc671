import type { WorkerEvent } from '../protocol.ts';

type Tell = (event: WorkerEvent) => void;
type Told = Readonly<Record<string, unknown>> | undefined;

/** The part of the library's client that is listened to. */
export interface EventSource {
  on(event: string, listener: (told: Told) => void): unknown;
}

const text = (wid: unknown): string => {
  if (typeof wid === 'string') return wid;
  const { _serialized } = (wid ?? {}) as { readonly _serialized?: unknown };
  return typeof _serialized === 'string' ? _serialized : '';
};

/** A message's key as the library hands it on, as the full id; undefined when it is none. */
export function fullIdOf(key: unknown): { readonly messageId: string; readonly chatId: string } | undefined {
  const { fromMe, remote, id, participant } = (key ?? {}) as Record<string, unknown>;
  const chatId = text(remote);
  if (typeof id !== 'string' || chatId === '') return undefined;
  const author = text(participant);
  return { messageId: `${fromMe === true}_${chatId}_${id}${author === '' ? '' : `_${author}`}`, chatId };
}

/** Passes on what only the library hears of: reactions and calls. */
export function tellLibraryHints(client: EventSource, tell: Tell): void {
  client.on('message_reaction', (reaction) => {
    const found = fullIdOf(reaction?.['msgId']);
    if (found !== undefined) tell({ kind: 'inbound', hint: { kind: 'changed', ...found } });
  });
  client.on('call', (call) => {
    const id = call?.['id'];
    if (typeof id !== 'string' || call?.['fromMe'] === true) return;
    const seconds = Number(call?.['timestamp']);
    const timestamp = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : Date.now();
    tell({
      kind: 'inbound',
      hint: {
        kind: 'call',
        call: {
          id,
          from: text(call?.['from']),
          isVideo: call?.['isVideo'] === true,
          isGroup: call?.['isGroup'] === true,
          timestamp,
        },
      },
    });
  });
}
