import { SandboxError } from '../errors.ts';
import { classify } from '../faults/fault.ts';
import { auditLedger } from '../ledger/compare.ts';
import { toNdjson } from '../ledger/ledger.ts';
import type { LiveFeed } from '../live/live-feed.ts';
import type { Subscription } from '../live/subscription.ts';
import type { Account } from '../store/accounts.ts';
import { type MediaStore, mediaKindOf } from '../store/media.ts';
import type { Timing } from '../timing.ts';
import type { Hub } from '../web/hub.ts';
import type { Content, Jid } from '../wire.ts';
import type { ChangeTarget } from '../world/changes.ts';
import { isGroup, userJid } from '../world/ids.ts';
import type { World } from '../world/world.ts';
import type { RouteName, RouteRequest, RouteResult, Routes } from './contract.ts';
import { describeAccount } from './describe-account.ts';
import { describeChat } from './describe-chat.ts';
import { servedType } from './served-type.ts';

/** What the control API steers. */
export interface ControlParts {
  readonly world: World;
  readonly hub: Hub;
  readonly media: MediaStore;
  readonly live: LiveFeed;
  /** For a browser that reaches the HTTPS port at this address; by default at the advertised one. */
  readonly browserArgs: (address?: string) => readonly string[];
  readonly setTiming: (timing: Timing) => void;
}

/** A file as it goes over the line. */
export interface ServedFile {
  readonly type: string;
  readonly bytes: Buffer;
}

/** What a handler gives, by the format of its route. */
interface Answer<R> {
  readonly json: R | Promise<R>;
  /** The lines. */
  readonly ndjson: Iterable<string>;
  readonly events: Subscription<R>;
  readonly bytes: Promise<ServedFile>;
}

/** One handler per route. */
export type Handlers = {
  readonly [N in RouteName]: (request: RouteRequest<N>) => Answer<RouteResult<N>>[Routes[N]['format']];
};

type WrittenContent = RouteRequest<'inject'>['body']['content'];

async function storeContent(media: MediaStore, content: WrittenContent): Promise<Content> {
  if (content.kind !== 'media') return content;
  const { mimetype, data, filename, caption, voice } = content;
  const kept = await media.put(Buffer.from(data, 'base64'));
  return {
    kind: 'media',
    media: { ...kept, kind: voice ? 'ptt' : mediaKindOf(mimetype), mimetype, filename, caption },
  };
}

/** The QR code of the page that waits, when there is just one. */
function onlyCode(hub: Hub): string {
  const waiting = hub.pending();
  const [only] = waiting;
  if (only === undefined || waiting.length > 1) {
    throw new SandboxError(
      'REQUEST_INVALID',
      `${waiting.length} pages wait to be linked: say which by its qr`,
    );
  }
  if (only.qr === null) throw new SandboxError('QR_EXPIRED', 'the page that waits shows no QR code now');
  return only.qr;
}

export function createHandlers({ world, hub, media, live, browserArgs, setTiming }: ControlParts): Handlers {
  const describe = (account: Account) => describeAccount(world, hub, account);

  const target = (
    { number, chat, id }: { readonly number: string; readonly chat: Jid; readonly id: string },
    by: Jid | undefined,
  ): ChangeTarget => {
    const author = by ?? (isGroup(chat) ? world.messages.get(number, chat, id).author : chat);
    return { account: world.accounts.get(number).number, chat, id, by: author, device: null };
  };

  return {
    browserArgs: ({ query }) => ({ args: [...browserArgs(query.address)] }),
    health: () => ({ status: 'ok' }),
    listAccounts: () => world.accounts.list().map(describe),
    createAccount: ({ body }) => describe(world.people.createAccount(body)),
    getAccount: ({ params }) => describe(world.accounts.get(params.number)),
    pendingLinks: () => [...hub.pending()],
    scan: ({ params, body }) => {
      hub.scan(params.number, body.qr ?? onlyCode(hub));
      return null;
    },
    enterCode: ({ params, body }) => {
      hub.enterCode(params.number, body.code);
      return null;
    },
    unlink: ({ params, body }) => {
      hub.unlink(world.accounts.get(params.number).number, body.device);
      return null;
    },
    createGroup: ({ params, body }) => {
      const creator = userJid(world.accounts.get(params.number).number);
      const group = world.people.createGroup(creator, body.subject, body.participants, null);
      return { ...group, participants: [...group.participants] };
    },
    listContacts: ({ params }) => [...world.accounts.contacts(world.accounts.get(params.number).number)],
    listGroups: ({ params }) =>
      world.messages
        .groupsOf(userJid(world.accounts.get(params.number).number))
        .map((group) => ({ ...group, participants: [...group.participants] })),
    listChats: ({ params }) => {
      const { number } = world.accounts.get(params.number);
      return world.messages
        .chats(number, (jid) => world.accounts.nameOf(number, jid))
        .map((chat) => describeChat(world, number, chat));
    },
    listMessages: ({ params, query }) =>
      world.messages
        .page(params.number, params.chat, query.before ?? null, query.limit)
        .map((message) => ({ ...message })),
    inject: async ({ params, body }) => {
      const { number } = world.accounts.get(params.number);
      const { chat, author, replyTo, mentions, forwarded } = body;
      const replied = replyTo === undefined ? undefined : world.messages.get(number, chat, replyTo);
      const message = world.traffic.inject(number, {
        chat,
        author,
        content: await storeContent(media, body.content),
        quote: replied && { id: replied.id, author: replied.author, content: replied.content },
        mentions,
        forwarded,
      });
      return { ...message };
    },
    edit: ({ params, body }) => {
      world.changes.edit(target(params, body.by), body.body);
      return null;
    },
    revoke: ({ params, body }) => {
      world.changes.revoke(target(params, body.by));
      return null;
    },
    react: ({ params, body }) => {
      world.changes.react(target(params, body.by), body.emoji);
      return null;
    },
    vote: ({ params, body }) => {
      world.changes.vote(target(params, body.by), body.options);
      return null;
    },
    media: async ({ params, query }) => ({
      type: servedType(query.type),
      bytes: await media.get(params.hash),
    }),
    listFaults: () => world.faults.list().map((standing) => ({ ...standing })),
    addFault: ({ body: { account, fault, times } }) => {
      if (account !== null) world.accounts.get(account);
      const classified = classify(fault);
      if (classified.kind === 'momentary') {
        hub.strike(account, classified.fault);
        return null;
      }
      const standing = world.faults.add(account, fault, times);
      if (classified.kind === 'page') hub.announce(account, classified.fault);
      return { ...standing };
    },
    clearFault: ({ params }) => {
      world.faults.clear(params.id);
      return null;
    },
    clearFaults: ({ query }) => {
      world.faults.clearAll(query.account ?? null);
      return null;
    },
    getTiming: () => world.timing(),
    setTiming: ({ body }) => {
      const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
      const timing: Timing = { ...world.timing(), ...given };
      setTiming(timing);
      return timing;
    },
    ledger: ({ query }) => [...world.ledger.read(query)],
    exportLedger: ({ query }) => toNdjson(world.ledger.read(query)),
    events: ({ query }) => live.subscribe(query.account ?? null),
    audit: ({ query }) => {
      const audit = auditLedger([...world.ledger.read({ account: query.account })]);
      return JSON.parse(JSON.stringify(audit)) as RouteResult<'audit'>;
    },
    touched: ({ query }) => {
      if (query.account !== undefined && world.accounts.find(query.account) === undefined) {
        throw new SandboxError('ACCOUNT_UNKNOWN', `there is no account ${query.account}`);
      }
      return Object.fromEntries(
        Object.entries(hub.touches.report(query.account)).map(([name, properties]) => [
          name,
          [...properties],
        ]),
      );
    },
  };
}
