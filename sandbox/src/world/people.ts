import type { Account } from '../store/accounts.ts';
import { transaction } from '../store/database.ts';
import type { History, Jid, Me, WireGroup } from '../wire.ts';
import { mirrorsOf, publish, type WorldContext } from './context.ts';
import { checkedNumber, groupJid, lidOf, userJid } from './ids.ts';

/** How many of each chat's latest messages a newly linked device is sent at once; older ones it asks for. */
const HISTORY_PER_CHAT = 50;

const FIRST_NAMES = ['Ada', 'Ben', 'Chi', 'Dana', 'Emre', 'Fatou', 'Gita', 'Hugo', 'Ines', 'Juma'] as const;
const LAST_NAMES = ['Okafor', 'Silva', 'Novak', 'Khan', 'Meyer', 'Rossi', 'Tanaka', 'Dubois'] as const;

/** The accounts, whom they know, and the groups they are in. */
export class People {
  readonly #context: WorldContext;

  constructor(context: WorldContext) {
    this.#context = context;
  }

  /** Makes an account whose address book has `contacts` invented people. */
  createAccount(wanted: {
    readonly number: string;
    readonly name?: string | undefined;
    readonly autoLink: boolean;
    readonly contacts: number;
  }): Account {
    const { accounts, database, now, random } = this.#context;
    const number = checkedNumber(wanted.number);
    const account = {
      number,
      name: wanted.name ?? `Sandbox ${number}`,
      autoLink: wanted.autoLink,
      created: now(),
    };
    transaction(database, () => {
      accounts.create(account);
      for (let index = 0; index < wanted.contacts; index++) {
        const first = FIRST_NAMES[Math.floor(random() * FIRST_NAMES.length)];
        const last = LAST_NAMES[Math.floor(random() * LAST_NAMES.length)];
        accounts.saveContact(number, userJid(String(4_915_700_000_000 + index)), `${first} ${last}`);
      }
    });
    return account;
  }

  /** Makes a group of the creator and the others, and tells every account of this sandbox that is in it. */
  createGroup(creator: Jid, subject: string, others: readonly Jid[], device: string | null): WireGroup {
    const { database, messages, now, random } = this.#context;
    const group: WireGroup = {
      jid: groupJid(random),
      subject,
      owner: creator,
      created: Math.floor(now() / 1000),
      participants: [creator, ...others.filter((jid) => jid !== creator)],
    };
    const owner = creator.slice(0, creator.indexOf('@'));
    transaction(database, () => {
      messages.addGroup(group);
      if (this.#context.accounts.find(owner) !== undefined) {
        publish(this.#context, owner, { kind: 'group', group }, device);
      }
      for (const { account } of mirrorsOf(this.#context, owner, group.jid)) {
        publish(this.#context, account, { kind: 'group', group }, null);
      }
    });
    return group;
  }

  /** Who a linked device of this account belongs to. */
  me(number: string): Me {
    const { name } = this.#context.accounts.get(number);
    return { jid: userJid(number), lid: lidOf(userJid(number)), name, phonePlatform: 'android' };
  }

  /** What a newly linked device is sent. */
  history(number: string): History {
    const { accounts, messages } = this.#context;
    const chats = messages.chats(number, (jid) => accounts.nameOf(number, jid));
    return {
      contacts: accounts.contacts(number),
      groups: messages.groupsOf(userJid(number)),
      chats,
      messages: chats.flatMap(({ jid }) => messages.page(number, jid, null, HISTORY_PER_CHAT)),
    };
  }
}
