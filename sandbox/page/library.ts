import type { Me, WireChat, WireContact, WireGroup, WireMessage } from '../src/wire.ts';
import { ChatModel, ContactModel, GroupMetadata } from './chats.ts';
import { Emitter } from './emitter.ts';
import { MsgKey } from './message-key.ts';
import { MsgCollection, type MsgModel, toModel } from './messages.ts';
import { Collection, Model } from './model.ts';
import type { PageStorage } from './storage.ts';
import { createWid, type Wid } from './wid.ts';

/** How many of a chat's latest messages are in memory after a start; the rest is loaded on demand. */
const IN_MEMORY_AFTER_START = 1;

class ContactCollection extends Collection<ContactModel> {
  /** The person of this id; made up when nobody is known by it, as the page does. */
  async find(id: unknown): Promise<ContactModel> {
    return this.get(id) ?? this.add(contactFor(createWid(id)));
  }

  /** Adds a person by id alone. */
  gadd(id: unknown): ContactModel {
    return this.get(id) ?? this.add(contactFor(createWid(id)));
  }
}

const contactFor = (wid: Wid): ContactModel =>
  ContactModel.of({ jid: wid._serialized, lid: '', name: `+${wid.user}` }, false);

class ChatCollection extends Collection<ChatModel> {
  readonly #make: (id: Wid) => Promise<ChatModel | null>;

  constructor(make: (id: Wid) => Promise<ChatModel | null>) {
    super((chat) => chat.id._serialized);
    this.#make = make;
  }

  async find(id: unknown): Promise<ChatModel | null> {
    return this.get(id) ?? (await this.#make(createWid(id)));
  }
}

/**
 * Everything that the page shows: chats, messages, people. Filled from the page's database at a start, kept by
 * the session. What the library reads lives here.
 */
export class Library {
  readonly msgs: MsgCollection;
  readonly chats: ChatCollection;
  readonly contacts = new ContactCollection((contact) => contact.id._serialized);
  readonly groups = new Collection<GroupMetadata>((group) => group.id._serialized);
  readonly cmd = new Emitter();
  readonly #storage: PageStorage;
  #me: Me | undefined;

  constructor(storage: PageStorage, isReachable: (wid: Wid) => Promise<boolean>) {
    this.#storage = storage;
    this.msgs = new MsgCollection(
      (keys) => this.#loadByKey(keys),
      (query, limit) => this.#search(query, limit),
    );
    this.chats = new ChatCollection(async (wid) =>
      (await isReachable(wid)) ? this.openChat(wid._serialized, 0) : null,
    );
  }

  /** Throws while the page is not linked. */
  get me(): Me {
    if (this.#me === undefined) throw new Error('the page is not linked');
    return this.#me;
  }

  get maybeMe(): Me | undefined {
    return this.#me;
  }

  setMe(me: Me): void {
    this.#me = me;
  }

  /** Puts what the database has into memory: all chats and people, and each chat's end. */
  async load(): Promise<void> {
    this.addContacts(await this.#storage.contacts());
    for (const group of await this.#storage.groups()) this.groups.add(GroupMetadata.of(group));
    for (const chat of await this.#storage.chats()) await this.addChat(chat);
    for (const message of await this.#storage.outbox()) this.showMessage(message, false);
  }

  addContacts(contacts: readonly WireContact[]): void {
    for (const contact of contacts) this.contacts.add(ContactModel.of(contact, true));
  }

  async addChat(chat: WireChat): Promise<void> {
    const model = this.#addChatModel(chat);
    const latest = await this.#storage.earlier(chat.jid, undefined, IN_MEMORY_AFTER_START);
    for (const message of latest) this.showMessage(message, false);
    model.set({ unreadCount: chat.unread, t: chat.t });
  }

  /** A group that the account is in, with its chat. */
  addGroup(group: WireGroup): ChatModel {
    this.groups.add(GroupMetadata.of(group));
    return this.#addChatModel({ jid: group.jid, name: group.subject, t: group.created, unread: 0 });
  }

  /** The chat with this id, made when it is new. */
  openChat(jid: string, t: number): ChatModel {
    const name = this.contacts.get(jid)?.formattedName ?? `+${jid.slice(0, jid.indexOf('@'))}`;
    return this.chats.get(jid) ?? this.#addChatModel({ jid, name, t, unread: 0 });
  }

  /** Puts a message into memory, at its chat's end. `isNew` makes whatsapp-web.js tell of it. */
  showMessage(message: WireMessage, isNew: boolean): MsgModel {
    const model = toModel(message, this.me, isNew);
    const known = this.msgs.get(model.id);
    if (known !== undefined) return known;
    const chat = this.openChat(message.chat, message.t);
    chat.msgs.add(model);
    chat.set({ t: message.t, lastReceivedKey: model.id });
    return this.msgs.add(model);
  }

  /** Loads earlier messages of a chat into memory; empty when there are none in the database. */
  async loadEarlier(chat: ChatModel, limit: number): Promise<readonly MsgModel[]> {
    const [first] = chat.msgs.getModelsArray();
    return this.showEarlier(chat, await this.#storage.earlier(chat.id._serialized, first?.id.id, limit));
  }

  showEarlier(chat: ChatModel, messages: readonly WireMessage[]): readonly MsgModel[] {
    const models = messages
      .map((message) => toModel(message, this.me, false))
      .filter((model) => chat.msgs.get(model.id) === undefined)
      .map((model) => this.msgs.add(model));
    chat.msgs.prepend(models);
    return models;
  }

  /** As it is stored now, for the database. */
  toWireChat(chat: ChatModel): WireChat {
    return { jid: chat.id._serialized, name: chat.formattedTitle, t: chat.t, unread: chat.unreadCount };
  }

  #addChatModel(chat: WireChat): ChatModel {
    return this.chats.add(new ChatModel(chat, this.groups.get(chat.jid)));
  }

  async #loadByKey(keys: readonly string[]): Promise<readonly MsgModel[]> {
    const found = await Promise.all(
      keys.map(async (text) => {
        const inMemory = this.msgs.get(text);
        if (inMemory !== undefined) return inMemory;
        const key = MsgKey.fromString(text);
        const stored = await this.#storage.message(key.remote._serialized, key.id);
        return stored === undefined ? undefined : this.msgs.add(toModel(stored, this.me, false));
      }),
    );
    return found.filter((model) => model !== undefined);
  }

  async #search(query: string, limit: number): Promise<readonly MsgModel[]> {
    const messages = await this.#storage.allMessages();
    return messages
      .filter(({ content }) => content.kind === 'text' && content.body.includes(query))
      .slice(-limit)
      .map((message) => toModel(message, this.me, false));
  }
}

/** A person's reaction as the library's event carries it. */
export class ReactionList extends Model<{ readonly id: string }> {
  readonly reactions: { readonly length: number; readonly serialize: () => readonly unknown[] };

  constructor(id: string, entries: readonly unknown[]) {
    super({ id });
    this.reactions = { length: entries.length, serialize: () => entries };
  }
}
