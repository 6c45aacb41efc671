import { mergeReaction, mergeVote } from '../../src/merge-addons.ts';
import { reworded } from '../../src/world/describe-content.ts';
import { noteReactions, noteVotes } from '../addons.ts';
import type { ChatModel, ContactModel } from '../chats.ts';
import { toContent } from '../content-fields.ts';
import { MsgKey } from '../message-key.ts';
import type { MsgModel } from '../messages.ts';
import type { Session } from '../session.ts';
import type { PageStorage } from '../storage.ts';
import { createWid, Wid } from '../wid.ts';
import type { Modules } from './linking.ts';

interface GroupWish {
  readonly title: string;
}

interface ContactWish {
  readonly firstName: string;
  readonly lastName: string;
  readonly phoneNumber: string;
}

const vcardOf = (contact: ContactModel): string =>
  [
    'BEGIN:VCARD',
    'VERSION:3.0',
    `FN:${contact.formattedName}`,
    `TEL;type=CELL;waid=${contact.id.user}:+${contact.id.user}`,
    'END:VCARD',
  ].join('\n');

/** The lines `NAME;params:value` of a card. */
function parseVcard(text: string): ReadonlyMap<string, string> {
  const lines = text.split(/\r?\n/).filter((line) => line.includes(':'));
  return new Map(
    lines.map((line) => {
      const [name = '', ...value] = line.split(':');
      return [name.split(';')[0]?.toUpperCase() ?? '', value.join(':')];
    }),
  );
}

async function forward(session: Session, chat: ChatModel, messages: readonly MsgModel[]): Promise<void> {
  for (const message of messages) {
    const content = message as unknown as Readonly<Record<string, unknown>>;
    const id = new MsgKey({
      from: new Wid(session.library.me.jid),
      to: chat.id,
      id: await MsgKey.newId(),
      selfDir: 'out',
      participant: chat.id.isGroup() ? new Wid(session.library.me.jid) : undefined,
    });
    const composed = {
      ...content,
      id,
      t: Math.floor(Date.now() / 1000),
      isForwarded: true,
      quotedMsg: undefined,
    };
    await session.outbox.add(chat, composed)[0];
  }
}

/** What whatsapp-web.js makes the page do. */
export function writingModules(session: Session, storage: PageStorage): Modules {
  const { library, requests } = session;
  const edit = async (message: MsgModel, body: string) => {
    const chat = message.id.remote._serialized;
    const { at } = await requests.ask({ kind: 'edit', chat, id: message.id.id, body });
    await storage.change(chat, message.id.id, (known) => ({
      ...known,
      content: reworded(known.content, body),
      editedAt: at,
    }));
    const words = toContent(message as unknown as Readonly<Record<string, unknown>>).kind === 'media';
    message.set({
      ...(words ? { caption: body } : { body }),
      latestEditSenderTimestampMs: at,
      latestEditMsgKey: new MsgKey({ fromMe: true, remote: message.id.remote, id: await MsgKey.newId() }),
    });
  };
  const createGroup = async ({ title }: GroupWish, members: readonly { readonly phoneNumber: Wid }[]) => {
    const participants = members.map(({ phoneNumber }) => phoneNumber._serialized);
    const group = await requests.ask({ kind: 'create-group', subject: title, participants });
    await storage.write({ groups: [group] });
    const chat = library.addGroup(group);
    await storage.write({ chats: [library.toWireChat(chat)] });
    return {
      wid: new Wid(group.jid),
      subject: group.subject,
      participants: group.participants.map((jid) => ({
        wid: new Wid(jid),
        type: jid === group.owner ? 'superadmin' : 'participant',
      })),
    };
  };
  return {
    WAWebSendMsgChatAction: {
      addAndSendMsgToChat: (chat: ChatModel, composed: Readonly<Record<string, unknown>>) =>
        session.outbox.add(chat, composed),
    },
    WAWebSendMessageEditAction: { sendMessageEdit: edit },
    WAWebSendReactionMsgAction: {
      sendReactionToMsg: async (message: MsgModel, emoji: string) => {
        const chat = message.id.remote._serialized;
        const reaction = await requests.ask({ kind: 'react', chat, id: message.id.id, emoji });
        await storage.change(chat, message.id.id, (known) => ({
          ...known,
          reactions: mergeReaction(known.reactions, reaction),
        }));
        noteReactions(library, message, reaction);
      },
    },
    WAWebPollsSendVoteMsgAction: {
      sendVote: async (message: MsgModel, options: ReadonlySet<number>) => {
        const chat = message.id.remote._serialized;
        const vote = await requests.ask({ kind: 'vote', chat, id: message.id.id, options: [...options] });
        await storage.change(chat, message.id.id, (known) => ({
          ...known,
          votes: mergeVote(known.votes, vote),
        }));
        await noteVotes(message, vote);
      },
    },
    WAWebChatForwardMessage: {
      forwardMessages: ({ chat, msgs }: { readonly chat: ChatModel; readonly msgs: readonly MsgModel[] }) =>
        forward(session, chat, msgs),
    },
    WAWebUpdateUnreadChatAction: {
      sendSeen: async ({ chat }: { readonly chat: ChatModel }) => {
        if (chat.unreadCount === 0) return;
        chat.set({ unreadCount: 0 });
        await storage.write({ chats: [library.toWireChat(chat)] });
        // The page does not wait for the server here, and sends nothing later when it is not there.
        requests.ask({ kind: 'seen', chat: chat.id._serialized }).catch(() => undefined);
      },
    },
    WAWebMsgReply: { canReplyMsg: (message: MsgModel) => message.type !== 'revoked' },
    WAWebGetEphemeralFieldsMsgActionsUtils: { getEphemeralFields: () => ({}) },
    WAWebLinkPreviewChatAction: { getLinkPreview: async () => null },
    WAWebChatStateBridge: {
      sendChatStateComposing: async () => {},
      sendChatStateRecording: async () => {},
      sendChatStatePaused: async () => {},
    },
    WAWebPresenceChatAction: {
      sendPresenceAvailable: async () => {},
      sendPresenceUnavailable: async () => {},
    },
    WAWebFrontendVcardUtils: {
      vcardFromContactModel: (contact: ContactModel) => ({
        displayName: contact.formattedName,
        vcard: vcardOf(contact),
      }),
    },
    WAWebVcardParsingUtils: { parseVcard },
    WAWebVcardGetNameFromParsed: {
      vcardGetNameFromParsed: (card: ReadonlyMap<string, string>) => card.get('FN') ?? '',
    },
    WAWebGroupCreateJob: { createGroup },
    WAWebSaveContactAction: {
      saveContactAction: async ({ firstName, lastName, phoneNumber }: ContactWish) => {
        const jid = createWid(`${phoneNumber}@c.us`)._serialized;
        const name = `${firstName} ${lastName}`.trim();
        await storage.write({ contacts: [{ jid, lid: '', name }] });
        library.contacts.gadd(jid).set({ name, formattedName: name, shortName: firstName });
      },
    },
    WAWebNonMessageDataRequestPlaceholderMessageResendUtils: { handlePlaceholderMsgsSeen: () => {} },
  };
}
