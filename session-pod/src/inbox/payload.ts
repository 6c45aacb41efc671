import type { Transition } from '@whatsapp-operator/api/session';
import type { IncomingCall, MessageSnapshot, PageReaction } from '../engine/inbound.ts';
import type { KnownMessage, NewEvent } from './event.ts';

/** Events as users get them. Pure. Names of members are those that users of such APIs know. */

const ACK_NAMES: Readonly<Record<number, string>> = {
  [-1]: 'ERROR',
  0: 'PENDING',
  1: 'SERVER',
  2: 'DEVICE',
  3: 'READ',
  4: 'PLAYED',
};

const seconds = (ms: number): number => Math.floor(ms / 1000);

const isGroup = (chatId: string): boolean => chatId.endsWith('@g.us');

/** Who the account is, and who wrote, as every payload about a message has it. */
function addressing(snapshot: MessageSnapshot, me: string | undefined) {
  const { id, chatId, fromMe, author } = snapshot;
  return {
    id,
    chat: chatId,
    from: fromMe ? (me ?? author) : chatId,
    to: fromMe ? chatId : (me ?? null),
    participant: isGroup(chatId) ? author : null,
    fromMe,
  };
}

/** The message itself. From others it is a `message`, from the account `message.any`. */
export function messageEvent(snapshot: MessageSnapshot, me: string | undefined): NewEvent {
  const { chatId, fromMe, timestamp, media, ack } = snapshot;
  return {
    type: fromMe ? 'message.any' : 'message',
    chat: chatId,
    occurredAt: timestamp,
    message: snapshot.id,
    payload: {
      ...addressing(snapshot, me),
      timestamp: seconds(timestamp),
      type: snapshot.type,
      body: snapshot.body,
      hasMedia: media !== undefined,
      media:
        media === undefined
          ? null
          : {
              mimetype: media.mimetype ?? null,
              filename: media.filename ?? null,
              size: media.size ?? null,
            },
      ack,
      ackName: ACK_NAMES[ack] ?? 'UNKNOWN',
      replyTo: snapshot.quotedMessageId === undefined ? null : { id: snapshot.quotedMessageId },
      mentions: snapshot.mentions,
      forwarded: snapshot.forwarded,
      location:
        snapshot.location === undefined
          ? null
          : { ...snapshot.location, description: snapshot.location.description ?? null },
      vCards: snapshot.vcards,
      poll: snapshot.poll ?? null,
    },
  };
}

export const groupEvent = (snapshot: MessageSnapshot, me: string | undefined): NewEvent => ({
  type: 'group.update',
  chat: snapshot.chatId,
  occurredAt: snapshot.timestamp,
  message: snapshot.id,
  payload: {
    ...addressing(snapshot, me),
    timestamp: seconds(snapshot.timestamp),
    change: snapshot.notice?.subtype ?? 'unknown',
    recipients: snapshot.notice?.recipients ?? [],
    body: snapshot.body,
  },
});

export const editEvent = (snapshot: MessageSnapshot, editedAt: number, me: string | undefined): NewEvent => ({
  type: 'message.edited',
  chat: snapshot.chatId,
  occurredAt: editedAt,
  message: snapshot.id,
  payload: { ...addressing(snapshot, me), timestamp: seconds(editedAt), body: snapshot.body },
});

/** WhatsApp does not say when a message was deleted: `at` is when it was noticed. */
export const revokeEvent = (snapshot: MessageSnapshot, me: string | undefined, at: number): NewEvent => ({
  type: 'message.revoked',
  chat: snapshot.chatId,
  occurredAt: at,
  message: snapshot.id,
  payload: { ...addressing(snapshot, me), timestamp: seconds(at) },
});

export const reactionEvent = (
  snapshot: MessageSnapshot,
  { sender, emoji, at }: PageReaction,
  me: string | undefined,
): NewEvent => ({
  type: 'message.reaction',
  chat: snapshot.chatId,
  occurredAt: at,
  message: snapshot.id,
  payload: {
    ...addressing(snapshot, me),
    participant: sender,
    fromMe: sender === me,
    timestamp: seconds(at),
    reaction: { text: emoji, messageId: snapshot.id },
  },
});

/** `at` is when it was noticed. */
export const ackEvent = (
  { id }: Pick<KnownMessage, 'id'>,
  chatId: string,
  ack: number,
  me: string | undefined,
  at: number,
): NewEvent => ({
  type: 'message.ack',
  chat: chatId,
  occurredAt: at,
  message: id,
  payload: {
    id,
    chat: chatId,
    from: me ?? null,
    to: chatId,
    fromMe: true,
    timestamp: seconds(at),
    ack,
    ackName: ACK_NAMES[ack] ?? 'UNKNOWN',
  },
});

export const callEvent = ({ id, from, isVideo, isGroup: group, timestamp }: IncomingCall): NewEvent => ({
  type: 'call.received',
  chat: from === '' ? undefined : from,
  occurredAt: timestamp,
  message: undefined,
  payload: { id, from, timestamp: seconds(timestamp), isVideo, isGroup: group },
});

/** The words for a session's state that users of such APIs know. */
function statusWord(to: Transition['to']): string {
  switch (to) {
    case 'Stopped':
      return 'STOPPED';
    case 'Pairing':
      return 'SCAN_QR_CODE';
    case 'Connected':
      return 'WORKING';
    case 'Failed':
      return 'FAILED';
    case 'Starting':
    case 'Syncing':
    case 'Disconnected':
    case 'LoggedOut':
      return 'STARTING';
  }
}

export const sessionEvent = ({ from, to, reason, detail, at }: Transition): NewEvent => ({
  type: 'session.status',
  chat: undefined,
  occurredAt: at,
  message: undefined,
  payload: { status: statusWord(to), from, state: to, reason, detail, timestamp: seconds(at) },
});

/** Says that events are gone that a webhook had not got yet, or that history could not be read back far enough. */
export const gapEvent = (
  what:
    | { readonly cause: 'retention'; readonly firstEvent: number; readonly lastEvent: number }
    | { readonly cause: 'history'; readonly chat: string; readonly read: number },
  at: number,
): NewEvent => ({
  type: 'gap',
  chat: what.cause === 'history' ? what.chat : undefined,
  occurredAt: at,
  message: undefined,
  payload: { ...what, timestamp: seconds(at) },
});
