import type { WireChat, WireContact, WireGroup } from '../src/wire.ts';
import type { MsgKey } from './message-key.ts';
import type { MsgModel } from './messages.ts';
import { Collection, Model } from './model.ts';
import { Wid } from './wid.ts';

/** How long a chat is silent; 0 not at all, −1 for ever, else seconds since the epoch. */
class Mute extends Model<{ readonly expiration: number }> {
  declare readonly expiration: number;

  async mute({ expiration }: { readonly expiration: number }): Promise<void> {
    this.set({ expiration });
  }

  async unmute(): Promise<void> {
    this.set({ expiration: 0 });
  }
}

interface GroupFields {
  readonly id: Wid;
  readonly subject: string;
  readonly owner: Wid;
  readonly creation: number;
  readonly announce: boolean;
  readonly participants: readonly { id: Wid; readonly isAdmin: boolean; readonly isSuperAdmin: boolean }[];
}

export class GroupMetadata extends Model<GroupFields> {
  declare readonly id: Wid;
  declare readonly subject: string;
  declare readonly announce: boolean;
  readonly isLidAddressingMode = false;

  static of(group: WireGroup): GroupMetadata {
    return new GroupMetadata({
      id: new Wid(group.jid),
      subject: group.subject,
      owner: new Wid(group.owner),
      creation: group.created,
      announce: false,
      participants: group.participants.map((jid) => ({
        id: new Wid(jid),
        isAdmin: jid === group.owner,
        isSuperAdmin: jid === group.owner,
      })),
    });
  }
}

interface ChatFields {
  readonly id: Wid;
  readonly name: string;
  readonly formattedTitle: string;
  readonly t: number;
  readonly unreadCount: number;
  readonly archive: boolean;
  readonly pin: number;
  readonly isReadOnly: boolean;
  readonly isLocked: boolean;
  readonly muteExpiration: number;
  readonly lastReceivedKey?: MsgKey;
}

export class ChatModel extends Model<ChatFields> {
  declare readonly id: Wid;
  declare readonly formattedTitle: string;
  declare readonly name: string;
  declare readonly t: number;
  declare readonly unreadCount: number;
  declare readonly archive: boolean;
  declare readonly pin: number;
  declare readonly lastReceivedKey?: MsgKey;
  readonly msgs = new Collection<MsgModel>((message) => message.id.toString());
  readonly mute = new Mute({ expiration: 0 });
  readonly groupMetadata: GroupMetadata | undefined;
  /** 0 would say that the phone has more history than it sent. */
  readonly endOfHistoryTransferType = 1;

  constructor(chat: WireChat, groupMetadata: GroupMetadata | undefined) {
    super({
      id: new Wid(chat.jid),
      name: chat.name,
      formattedTitle: chat.name,
      t: chat.t,
      unreadCount: chat.unread,
      archive: false,
      pin: 0,
      isReadOnly: false,
      isLocked: false,
      muteExpiration: 0,
    });
    this.groupMetadata = groupMetadata;
  }

  /** With the keys of its messages: whatsapp-web.js looks only at how many there are. */
  override serialize(): Record<string, unknown> {
    return { ...super.serialize(), msgs: this.msgs.getModelsArray().map((message) => message.id.toString()) };
  }
}

interface ContactFields {
  readonly id: Wid;
  readonly name: string | undefined;
  readonly pushname: string;
  readonly shortName: string;
  readonly formattedName: string;
  readonly type: 'in';
  readonly isBusiness: boolean;
  readonly isEnterprise: boolean;
  readonly isContactBlocked: boolean;
}

export class ContactModel extends Model<ContactFields> {
  declare readonly id: Wid;
  declare readonly name: string | undefined;
  declare readonly pushname: string;
  declare readonly shortName: string;
  declare readonly formattedName: string;

  /** `isKnown`: in the address book, not just someone who wrote. */
  static of(contact: WireContact, isKnown: boolean): ContactModel {
    return new ContactModel({
      id: new Wid(contact.jid),
      name: isKnown ? contact.name : undefined,
      pushname: contact.name,
      shortName: contact.name.split(' ')[0] ?? contact.name,
      formattedName: contact.name,
      type: 'in',
      isBusiness: false,
      isEnterprise: false,
      isContactBlocked: false,
    });
  }
}
