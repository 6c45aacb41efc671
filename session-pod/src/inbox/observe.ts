import type { MessageSnapshot } from '../engine/inbound.ts';
import type { KnownMessage, KnownReaction, NewEvent } from './event.ts';
import { ackEvent, editEvent, groupEvent, messageEvent, reactionEvent, revokeEvent } from './payload.ts';

/**
 * What a look at a message adds to the log. Pure: the same look twice adds nothing the second time, whichever way it
 * came about, and an older look never takes anything back. An event's identity is the message's id with the kind and
 * the version: when it was edited, which ack, whose reaction as of when.
 */
export interface Circumstances {
  /** History before it is nobody's business. Milliseconds since 1970. */
  readonly floor: number;
  /** Whether it is one that was sent through the API: the log tells of it only what becomes of it. */
  readonly isOurs: (messageId: string) => boolean;
  /** Id of the account. */
  readonly me: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface Observation {
  readonly events: readonly NewEvent[];
  /** What is known afterwards; undefined for a message that is not looked at. */
  readonly known: KnownMessage | undefined;
}

const nothing: Observation = { events: [], known: undefined };

export function observe(
  before: KnownMessage | undefined,
  snapshot: MessageSnapshot,
  circumstances: Circumstances,
): Observation {
  if (before === undefined && snapshot.timestamp < circumstances.floor) return nothing;
  const known = before ?? firstSight(snapshot, circumstances);
  const events = before === undefined ? arrival(snapshot, circumstances) : [];
  const changes = [
    ...edits(known, snapshot, circumstances),
    ...revokes(known, snapshot, circumstances),
    ...reactions(known, snapshot, circumstances),
    ...acks(known, snapshot, circumstances),
  ];
  return { events: [...events, ...changes], known: merge(known, snapshot, circumstances) };
}

/** True when a message with these events came into the log for the first time. */
export const isArrival = ({ type }: NewEvent): boolean => type === 'message' || type === 'message.any';

function firstSight({ id, timestamp, fromMe }: MessageSnapshot, { isOurs }: Circumstances): KnownMessage {
  // What another device of the account sent has reached the server, or nobody would know of it.
  const ack = fromMe && !isOurs(id) ? 1 : 0;
  return { id, timestamp, editedAt: 0, revoked: false, ack, reactions: [] };
}

function arrival(snapshot: MessageSnapshot, { me, isOurs }: Circumstances): readonly NewEvent[] {
  if (snapshot.fromMe && isOurs(snapshot.id)) return [];
  return [snapshot.notice === undefined ? messageEvent(snapshot, me) : groupEvent(snapshot, me)];
}

const edits = (known: KnownMessage, snapshot: MessageSnapshot, { me }: Circumstances): readonly NewEvent[] =>
  snapshot.editedAt !== undefined && snapshot.editedAt > known.editedAt
    ? [editEvent(snapshot, snapshot.editedAt, me)]
    : [];

const revokes = (
  known: KnownMessage,
  snapshot: MessageSnapshot,
  { me, now }: Circumstances,
): readonly NewEvent[] => (snapshot.revoked && !known.revoked ? [revokeEvent(snapshot, me, now)] : []);

const acks = (
  known: KnownMessage,
  { id, chatId, fromMe, ack }: MessageSnapshot,
  { me, now }: Circumstances,
): readonly NewEvent[] => (fromMe && ack > known.ack ? [ackEvent({ id }, chatId, ack, me, now)] : []);

/** What changed in the reactions; those that are gone were taken back. */
function changedReactions(
  known: KnownMessage,
  snapshot: MessageSnapshot,
  now: number,
): readonly KnownReaction[] {
  const { reactions: seen } = snapshot;
  if (seen === undefined) return [];
  const bySender = new Map(known.reactions.map((reaction) => [reaction.sender, reaction]));
  const changed = seen.filter(({ sender, at }) => {
    const told = bySender.get(sender);
    return told === undefined || at > told.at || told.emoji === '';
  });
  const present = new Set(seen.map(({ sender }) => sender));
  const gone = known.reactions
    .filter(({ sender, emoji }) => emoji !== '' && !present.has(sender))
    .map(({ sender, at }) => ({ sender, emoji: '', at: Math.max(at, now) }));
  return [...changed, ...gone];
}

const reactions = (
  known: KnownMessage,
  snapshot: MessageSnapshot,
  { me, now }: Circumstances,
): readonly NewEvent[] =>
  changedReactions(known, snapshot, now).map((reaction) => reactionEvent(snapshot, reaction, me));

function merge(known: KnownMessage, snapshot: MessageSnapshot, { now }: Circumstances): KnownMessage {
  const changed = changedReactions(known, snapshot, now);
  const replaced = new Set(changed.map(({ sender }) => sender));
  return {
    ...known,
    editedAt: Math.max(known.editedAt, snapshot.editedAt ?? 0),
    revoked: known.revoked || snapshot.revoked,
    ack: snapshot.fromMe ? Math.max(known.ack, snapshot.ack) : known.ack,
    reactions: [...known.reactions.filter(({ sender }) => !replaced.has(sender)), ...changed],
  };
}
