import type { Jid, Registration, WireChat, WireContact, WireGroup, WireMessage } from '../src/wire.ts';

const DATABASE = 'model-storage';
const STORES = ['registration', 'messages', 'chats', 'contacts', 'groups', 'outbox'] as const;
type StoreName = (typeof STORES)[number];

/** Proves at the next start that localStorage belongs to the same link as IndexedDB: both must have survived. */
const LINK_MARKER = 'sandbox-link';

interface MessageRecord {
  readonly key: string;
  readonly chat: Jid;
  /** Rises with the time of arrival; older history that was loaded later lies below the first. */
  readonly order: number;
  readonly message: WireMessage;
}

interface OutboxRecord {
  readonly key: string;
  readonly order: number;
  readonly chat: Jid;
  readonly id: string;
}

/** What is written together or not at all. */
export interface Writes {
  readonly messages?: readonly WireMessage[];
  readonly chats?: readonly WireChat[];
  readonly contacts?: readonly WireContact[];
  readonly groups?: readonly WireGroup[];
  readonly queue?: readonly WireMessage[];
  readonly unqueue?: readonly Pick<WireMessage, 'chat' | 'id'>[];
}

const keyOf = ({ chat, id }: Pick<WireMessage, 'chat' | 'id'>): string => `${chat} ${id}`;

const done = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const committed = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error('transaction aborted'));
  });

/** The page's own database, and the marker beside it. */
export class PageStorage {
  #opened: IDBDatabase | undefined;
  #lastOrder = 0;

  /** Rejects when the browser refuses, as it does when another one holds the profile. Needed before anything else. */
  async open(): Promise<void> {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      for (const name of STORES) {
        const store = request.result.createObjectStore(
          name,
          name === 'registration' ? {} : { keyPath: 'key' },
        );
        if (name === 'messages') store.createIndex('by-chat', ['chat', 'order']);
      }
    };
    this.#opened = await done(request);
  }

  get #database(): IDBDatabase {
    if (this.#opened === undefined) throw new Error('the storage is not open');
    return this.#opened;
  }

  /** The credential of this profile; null when it has none, or only half of one. */
  async registration(): Promise<Registration | null> {
    const kept = (await done(this.#read('registration').get('own'))) as Registration | undefined;
    return kept !== undefined && localStorage.getItem(LINK_MARKER) === kept.device ? kept : null;
  }

  async register(registration: Registration): Promise<void> {
    const transaction = this.#database.transaction('registration', 'readwrite');
    transaction.objectStore('registration').put(registration, 'own');
    await committed(transaction);
    localStorage.setItem(LINK_MARKER, registration.device);
  }

  /** Forgets the account and everything of it. */
  async wipe(): Promise<void> {
    localStorage.clear();
    const transaction = this.#database.transaction(STORES, 'readwrite');
    for (const name of STORES) transaction.objectStore(name).clear();
    await committed(transaction);
  }

  /** Throws what the browser says, such as a full disk, and has then written nothing. */
  async write(writes: Writes): Promise<void> {
    const transaction = this.#database.transaction(STORES, 'readwrite');
    const finished = committed(transaction);
    const put = (name: StoreName, record: unknown) => transaction.objectStore(name).put(record);
    for (const message of writes.messages ?? []) put('messages', this.#toRecord(message, this.#nextOrder()));
    for (const chat of writes.chats ?? []) put('chats', { ...chat, key: chat.jid });
    for (const contact of writes.contacts ?? []) put('contacts', { ...contact, key: contact.jid });
    for (const group of writes.groups ?? []) put('groups', { ...group, key: group.jid });
    for (const { chat, id } of writes.queue ?? []) {
      const record: OutboxRecord = { key: keyOf({ chat, id }), order: this.#nextOrder(), chat, id };
      put('outbox', record);
    }
    for (const sent of writes.unqueue ?? []) transaction.objectStore('outbox').delete(keyOf(sent));
    await finished;
  }

  /** Changes a stored message; does nothing when it is not there. */
  async change(chat: Jid, id: string, change: (message: WireMessage) => WireMessage): Promise<void> {
    const transaction = this.#database.transaction('messages', 'readwrite');
    const finished = committed(transaction);
    const store = transaction.objectStore('messages');
    const record = (await done(store.get(keyOf({ chat, id })))) as MessageRecord | undefined;
    if (record !== undefined) store.put({ ...record, message: change(record.message) });
    await finished;
  }

  /** Takes a message out of the page, on the wish of its owner. */
  async forget(chat: Jid, id: string): Promise<void> {
    const transaction = this.#database.transaction('messages', 'readwrite');
    transaction.objectStore('messages').delete(keyOf({ chat, id }));
    await committed(transaction);
  }

  async message(chat: Jid, id: string): Promise<WireMessage | undefined> {
    const record = (await done(this.#read('messages').get(keyOf({ chat, id })))) as MessageRecord | undefined;
    return record?.message;
  }

  /** Up to `limit` messages of a chat before the given one (undefined: the latest), oldest first. */
  async earlier(chat: Jid, before: string | undefined, limit: number): Promise<readonly WireMessage[]> {
    const store = this.#read('messages');
    const end =
      before === undefined
        ? undefined
        : ((await done(store.get(keyOf({ chat, id: before })))) as MessageRecord | undefined);
    const range = IDBKeyRange.bound(
      [chat, Number.NEGATIVE_INFINITY],
      [chat, end?.order ?? Number.POSITIVE_INFINITY],
      false,
      end !== undefined,
    );
    const found: WireMessage[] = [];
    const cursor = this.#read('messages').index('by-chat').openCursor(range, 'prev');
    return new Promise((resolve, reject) => {
      cursor.onerror = () => reject(cursor.error);
      cursor.onsuccess = () => {
        const at = cursor.result;
        if (at === null || found.length === limit) resolve(found.reverse());
        else {
          found.push((at.value as MessageRecord).message);
          at.continue();
        }
      };
    });
  }

  /** Stores history that lies before everything stored of its chat. */
  async writeEarlier(messages: readonly WireMessage[]): Promise<void> {
    const transaction = this.#database.transaction('messages', 'readwrite');
    for (const [index, message] of messages.entries()) {
      const order = -Date.now() * 1000 + index;
      transaction.objectStore('messages').put(this.#toRecord(message, order));
    }
    await committed(transaction);
  }

  async allMessages(): Promise<readonly WireMessage[]> {
    const records = (await done(this.#read('messages').getAll())) as readonly MessageRecord[];
    return records.toSorted((first, second) => first.order - second.order).map(({ message }) => message);
  }

  /** What still has to leave, in the order in which it was handed over. */
  async outbox(): Promise<readonly WireMessage[]> {
    const records = (await done(this.#read('outbox').getAll())) as readonly OutboxRecord[];
    const messages = await Promise.all(
      records
        .toSorted((first, second) => first.order - second.order)
        .map(({ chat, id }) => this.message(chat, id)),
    );
    return messages.filter((message) => message !== undefined);
  }

  async chats(): Promise<readonly WireChat[]> {
    return (await done(this.#read('chats').getAll())) as readonly WireChat[];
  }

  async contacts(): Promise<readonly WireContact[]> {
    return (await done(this.#read('contacts').getAll())) as readonly WireContact[];
  }

  async groups(): Promise<readonly WireGroup[]> {
    return (await done(this.#read('groups').getAll())) as readonly WireGroup[];
  }

  #read(name: StoreName): IDBObjectStore {
    return this.#database.transaction(name, 'readonly').objectStore(name);
  }

  #nextOrder(): number {
    this.#lastOrder = Math.max(this.#lastOrder + 1, Date.now() * 1000);
    return this.#lastOrder;
  }

  #toRecord(message: WireMessage, order: number): MessageRecord {
    return { key: keyOf(message), chat: message.chat, order, message };
  }
}
