import { lidOf, phoneOf } from '../../src/world/ids.ts';
import { groupReactions, pollVoteTableMode, reactionTableMode, voteRows } from '../addons.ts';
import type { ChatModel, ContactModel } from '../chats.ts';
import { Emitter } from '../emitter.ts';
import { ReactionList } from '../library.ts';
import { findLink, findLinks } from '../links.ts';
import { MsgKey } from '../message-key.ts';
import { type MessageFields, MsgModel } from '../messages.ts';
import { Collection, type Model } from '../model.ts';
import type { Session } from '../session.ts';
import type { PageStorage } from '../storage.ts';
import { createWid, Wid } from '../wid.ts';
import type { Modules } from './linking.ts';

/** How many messages one step back into a chat's past brings. */
const EARLIER_PAGE = 20;

const none = () => new Collection<Model<object>>(() => '');

/** Calls that come to the account; the library replaces `set` of the map to hear of them. */
class CallCollection extends Emitter {
  readonly calls = new Map<string, unknown>();
}

function collections(session: Session): object {
  const { library } = session;
  return {
    Msg: library.msgs,
    Chat: library.chats,
    Contact: library.contacts,
    GroupMetadata: Object.assign(library.groups, { update: async (_wid: unknown) => {} }),
    Blocklist: none(),
    Label: none(),
    Status: none(),
    WAWebNewsletterCollection: none(),
    BusinessProfile: Object.assign(none(), { find: async () => ({}) }),
    ProfilePicThumb: Object.assign(none(), { find: async () => undefined }),
    Reactions: {
      find: async (key: string) => {
        const { messages } = await library.msgs.getMessagesById([key]);
        const [model] = messages;
        return model === undefined ? undefined : new ReactionList(key, groupReactions(library, model));
      },
    },
  };
}

const contactGetters = (session: Session) => ({
  getIsMe: (contact: ContactModel) => contact.id.equals(session.library.maybeMe?.jid),
  getIsUser: (contact: ContactModel) => contact.id.isUser(),
  getIsGroup: (contact: ContactModel) => contact.id.isGroup(),
  getIsWAContact: () => true,
  getUserid: (contact: ContactModel) => contact.id.user,
  getVerifiedName: () => undefined,
  getVerifiedLevel: () => undefined,
  getStatusMute: () => false,
  getName: (contact: ContactModel) => contact.name,
  getShortName: (contact: ContactModel) => contact.shortName,
  getPushname: (contact: ContactModel) => contact.pushname,
  getIsEnterprise: () => false,
});

/** A message that is quoted: from memory, or made from what the reply carries of it. */
function quotedOf(session: Session, reply: MsgModel): MsgModel {
  const { quotedMsg, quotedStanzaID, quotedParticipant } = reply as unknown as {
    readonly quotedMsg: MessageFields;
    readonly quotedStanzaID: string;
    readonly quotedParticipant: Wid;
  };
  const id = new MsgKey({
    fromMe: quotedParticipant.equals(session.library.me.jid),
    remote: reply.id.remote,
    id: quotedStanzaID,
    participant: reply.id.remote.isGroup() ? quotedParticipant : undefined,
  });
  return session.library.msgs.get(id) ?? new MsgModel({ ...quotedMsg, id, isNewMsg: false });
}

/** Loads earlier messages: from the page's database, and when that has no more, from the server. */
async function loadEarlier(
  session: Session,
  storage: PageStorage,
  chat: ChatModel,
): Promise<readonly MsgModel[]> {
  const stored = await session.library.loadEarlier(chat, EARLIER_PAGE);
  if (stored.length > 0) return stored;
  const [first] = chat.msgs.getModelsArray();
  const { messages } = await session.requests.ask({
    kind: 'history',
    chat: chat.id._serialized,
    before: first?.id.id ?? null,
    limit: EARLIER_PAGE,
  });
  await storage.writeEarlier(messages);
  return session.library.showEarlier(chat, messages);
}

/** What whatsapp-web.js reads from the page: chats, messages, people. */
export function readingModules(session: Session, storage: PageStorage): Modules {
  const { library, requests } = session;
  const exists = async (wid: Wid) => {
    const found = await requests.ask({ kind: 'exists', jid: wid._serialized });
    return found === null ? null : { wid: createWid(found.jid) };
  };
  return {
    WAWebCollections: collections(session),
    WAWebCallCollection: new CallCollection(),
    WAWebMsgKey: MsgKey,
    WAWebWidFactory: {
      createWid,
      createWidFromWidLike: createWid,
      asUserWidOrThrow: (wid: unknown) => {
        const user = createWid(wid);
        if (!user.isUser()) throw new Error(`wid error: ${user} is no user`);
        return user;
      },
    },
    WAWebChatGetters: {
      getIsNewsletter: (chat: ChatModel) => chat.id.isNewsletter(),
      getIsBroadcast: (chat: ChatModel) => chat.id.isBroadcast(),
    },
    WAWebContactGetters: contactGetters(session),
    WAWebFrontendContactGetters: { getIsMyContact: (contact: ContactModel) => contact.name !== undefined },
    WAWebContactCollection: { getMeContact: () => library.contacts.gadd(library.me.jid) },
    WAWebApiContact: {
      getAlternateUserWid: (_wid: Wid) => null,
      getCurrentLid: (wid: Wid) => new Wid(lidOf(wid._serialized)),
      getPhoneNumber: (wid: Wid) => new Wid(phoneOf(wid._serialized)),
    },
    WAWebFindChatAction: {
      findOrCreateLatestChat: async (wid: Wid) => {
        const chat = await library.chats.find(wid);
        return chat === null ? null : { chat };
      },
    },
    WAWebLidMigrationUtils: {
      toPn: (like: unknown) => {
        const wid = createWid(like);
        return wid.isLid() ? new Wid(phoneOf(wid._serialized)) : wid;
      },
    },
    WAWebChatLoadMessages: {
      loadEarlierMsgs: ({ chat }: { readonly chat: ChatModel }) => loadEarlier(session, storage, chat),
    },
    WAWebQueryExistsJob: { queryWidExists: exists },
    WAWebQuotedMsgModelUtils: { getQuotedMsgObj: (reply: MsgModel) => quotedOf(session, reply) },
    WAWebPollsVotesSchema: {
      getTable: () => ({
        equals: async (_columns: readonly string[], text: string) => {
          const key = MsgKey.fromString(text);
          const poll = await storage.message(key.remote._serialized, key.id);
          return voteRows(text, poll?.votes ?? []);
        },
      }),
    },
    WAWebAddonReactionTableMode: { reactionTableMode },
    WAWebAddonPollVoteTableMode: { pollVoteTableMode },
    WAWebBackendJobsCommon: { mediaTypeFromProtobuf: () => null },
    WAWebE2EProtoUtils: { typeAttributeFromProtobuf: () => 'text' },
    WAWebApiMessageInfoStore: {
      queryMsgInfo: async (key: MsgKey) => {
        const stored = await storage.message(key.remote._serialized, key.id);
        const at = (level: number) =>
          stored !== undefined && stored.ack >= level ? [{ id: key.remote, t: stored.t }] : [];
        return {
          delivery: at(2),
          deliveryRemaining: 0,
          read: at(3),
          readRemaining: 0,
          played: at(4),
          playedRemaining: 0,
        };
      },
    },
    WAWebPhoneUtils: { formattedPhoneNumber: (jid: string) => `+${jid.slice(0, jid.indexOf('@'))}` },
    WALinkify: { findLink, findLinks },
    WAWebMsgActionCapability: {
      canSenderRevokeMsg: (message: MsgModel) => message.id.fromMe && message.type !== 'revoked',
      canAdminRevokeMsg: () => false,
      canStarMsg: () => true,
      canEditText: (message: MsgModel) => message.id.fromMe && message.type === 'chat',
      canEditCaption: (message: MsgModel) => message.id.fromMe && message.mediaData !== undefined,
    },
  };
}
