import { SandboxError } from '../errors.ts';
import { transaction } from '../store/database.ts';
import type { Ack, Content, Jid, Outgoing, Quote, WireMessage } from '../wire.ts';
import { AckClock, type AckTarget } from './ack-clock.ts';
import { mirrorsOf, publish, record, type WorldContext } from './context.ts';
import { decideSend, type SendContext, type SendDecision } from './decide-send.ts';
import { describeContent } from './describe-content.ts';
import { isGroup, isRegistered, phoneMessageId, userJid } from './ids.ts';
import { planAcks } from './plan-acks.ts';

/** A message that a person writes on a phone. */
export interface Written {
  readonly chat: Jid;
  /** Who writes; the chat's person by default, and the account itself for its own phone. */
  readonly author?: Jid | undefined;
  readonly content: Content;
  readonly quote?: Quote | undefined;
  readonly mentions?: readonly Jid[] | undefined;
  readonly forwarded?: boolean | undefined;
}

/**
 * Messages on their way: from a linked page to people, and from people to linked pages.
 *
 * Promises: what is accepted, its delivery and both ledger lines are one transaction, so the ledger cannot
 * disagree with the world after a crash. Delivery happens at acceptance, in order per chat; the acks that tell
 * of it follow later, and are taken up again by `resume` after a restart.
 */
export class Traffic {
  readonly #context: WorldContext;
  readonly #clock: AckClock;

  constructor(context: WorldContext) {
    this.#context = context;
    this.#clock = new AckClock((target, planned, last) => this.#acknowledge(target, planned.ack, last));
  }

  /** Schedules the acks that a stopped sandbox still owed. */
  resume(): void {
    for (const { account, message } of this.#context.messages.awaitingAcks())
      this.#awaitAcks(account, message);
  }

  stop(): void {
    this.#clock.stop();
  }

  /** A device hands a message over. */
  submit(account: string, device: string, outgoing: Outgoing): SendDecision {
    const { faults, messages } = this.#context;
    const line = { account, chat: outgoing.chat, id: outgoing.id, device };
    const detail = describeContent(outgoing.content);
    return transaction(this.#context.database, () => {
      record(this.#context, 'submitted', { ...line, detail });
      const known = messages.find(account, outgoing.chat, outgoing.id);
      const decision = decideSend({
        known: known !== undefined,
        deduplicate: faults.find(account, 'no-deduplication') === undefined,
        recipient: this.#recipient(account, outgoing.chat),
        refusedBy: known === undefined ? faults.refusal(account) : null,
      });
      switch (decision.kind) {
        case 'accept':
          this.#accept(account, device, outgoing);
          break;
        case 'deduplicate':
          record(this.#context, 'deduplicated', line);
          break;
        case 'deliver-again':
          record(this.#context, 'accepted', { ...line, detail });
          record(this.#context, 'delivered', { ...line, device: null, detail });
          break;
        case 'refuse':
          record(this.#context, 'refused', { ...line, detail: decision.code });
          break;
      }
      return decision;
    });
  }

  /** Someone writes to the account (or its owner does, on the phone). Returns the message as its pages get it. */
  inject(account: string, written: Written): WireMessage {
    const me = userJid(account);
    const author = written.author ?? (isGroup(written.chat) ? undefined : written.chat);
    if (author === undefined)
      throw new SandboxError('REQUEST_INVALID', 'a message in a group needs an author');
    if (isGroup(written.chat)) this.#checkMember(written.chat, author);
    const fromMe = author === me;
    const message: WireMessage = {
      id: phoneMessageId(this.#context.random),
      chat: written.chat,
      fromMe,
      author,
      t: Math.floor(this.#context.now() / 1000),
      ack: fromMe ? 2 : 1,
      content: written.content,
      quote: written.quote,
      mentions: written.mentions,
      forwarded: written.forwarded,
    };
    transaction(this.#context.database, () => {
      this.#context.messages.add(account, message, false);
      const detail = describeContent(message.content);
      record(this.#context, 'injected', { account, chat: message.chat, id: message.id, detail });
      publish(this.#context, account, { kind: 'message', message }, null);
      this.#reachMirrors(account, message);
    });
    return message;
  }

  /** A device says that it has every entry up to `seq`. */
  received(account: string, device: string, seq: number): void {
    const { accounts, database, feed } = this.#context;
    const cursor = accounts.device(device)?.cursor ?? 0;
    if (seq <= cursor) return;
    transaction(database, () => {
      for (const entry of feed.after(account, cursor, seq - cursor)) {
        if (entry.item.kind !== 'message' || entry.origin === device) continue;
        const { chat, id, content } = entry.item.message;
        record(this.#context, 'received', { account, chat, id, device, detail: describeContent(content) });
      }
      accounts.moveCursor(device, seq);
    });
  }

  #recipient(account: string, chat: Jid): SendContext['recipient'] {
    if (!isGroup(chat)) return isRegistered(chat) ? 'person' : 'not-registered';
    const group = this.#context.messages.findGroup(chat);
    if (group === undefined) return 'unknown-group';
    return group.participants.includes(userJid(account)) ? 'group-member' : 'not-a-member';
  }

  #checkMember(chat: Jid, author: Jid): void {
    const group = this.#context.messages.findGroup(chat);
    if (group === undefined) throw new SandboxError('GROUP_UNKNOWN', `there is no group ${chat}`);
    if (!group.participants.includes(author)) {
      throw new SandboxError('NOT_A_MEMBER', `${author} is not in ${chat}`);
    }
  }

  #accept(account: string, device: string, outgoing: Outgoing): void {
    const { faults, messages } = this.#context;
    const message: WireMessage = { ...outgoing, fromMe: true, author: userJid(account), ack: 0 };
    const line = { account, chat: message.chat, id: message.id, detail: describeContent(message.content) };
    const lost = faults.strikes(account, 'lose-deliveries') !== undefined;
    messages.add(account, message, !lost);
    record(this.#context, 'accepted', { ...line, device });
    publish(this.#context, account, { kind: 'message', message: { ...message, ack: 1 } }, device);
    if (lost) {
      this.#clock.schedule(line, [{ ack: 1, afterMs: this.#context.timing().serverMs }]);
      return;
    }
    const copies = faults.strikes(account, 'duplicate-deliveries') === undefined ? 1 : 2;
    for (let copy = 0; copy < copies; copy++) record(this.#context, 'delivered', line);
    this.#reachMirrors(account, message);
    this.#awaitAcks(account, message);
  }

  /** The other accounts of this sandbox in the chat get it as well; its author's own pages as sent by the phone. */
  #reachMirrors(account: string, message: WireMessage): void {
    const { messages } = this.#context;
    const detail = describeContent(message.content);
    for (const mirror of mirrorsOf(this.#context, account, message.chat)) {
      const fromMe = message.author === userJid(mirror.account);
      const copy: WireMessage = { ...message, chat: mirror.chat, fromMe, ack: fromMe ? 2 : 1 };
      if (messages.find(mirror.account, copy.chat, copy.id) !== undefined) continue;
      messages.add(mirror.account, copy, false);
      const line = { account: mirror.account, chat: copy.chat, id: copy.id, detail };
      record(this.#context, 'injected', line);
      publish(this.#context, mirror.account, { kind: 'message', message: copy }, null);
    }
  }

  #awaitAcks(account: string, message: WireMessage): void {
    const { faults, random, timing } = this.#context;
    const plan = planAcks(timing(), faults.ackFaults(account), random, {
      from: message.ack,
      played: message.content.kind === 'media' && message.content.media.kind === 'ptt',
    });
    this.#clock.schedule({ account, chat: message.chat, id: message.id }, plan);
  }

  #acknowledge({ account, chat, id }: AckTarget, ack: Ack, last: boolean): void {
    transaction(this.#context.database, () => {
      this.#context.messages.raiseAck(account, chat, id, ack, last);
      if (ack === 3) record(this.#context, 'read', { account, chat, id });
      if (ack === 4) record(this.#context, 'played', { account, chat, id });
      if (ack > 1) publish(this.#context, account, { kind: 'receipt', chat, id, ack }, null);
    });
    if (ack === 1) this.#context.listener.onSent(account, chat, id, ack);
  }
}
