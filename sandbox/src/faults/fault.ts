import { z } from 'zod';

const ack = z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]);
const probability = z.number().min(0).max(1).default(1).describe('How often, 0 to 1, drawn from the seed');
const milliseconds = z.int().min(0);

/** Faults that the server plays until they are cleared. */
const serverFault = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('refuse-socket') }).describe('New sockets are cut at once'),
  z
    .strictObject({ kind: z.literal('blackhole-socket') })
    .describe('Sockets stay open and carry nothing, in either direction'),
  z
    .strictObject({ kind: z.literal('slow-socket'), ms: milliseconds })
    .describe('Every frame is late by this much'),
  z
    .strictObject({ kind: z.literal('delay-acks'), ms: milliseconds })
    .describe('Every ack is late by this much'),
  z
    .strictObject({ kind: z.literal('withhold-acks'), acks: z.array(ack).min(1) })
    .describe('These ack levels never come; without level 1 the page keeps the message in its queue'),
  z.strictObject({ kind: z.literal('reorder-acks') }).describe('Acks of a message come highest first'),
  z
    .strictObject({ kind: z.literal('refuse-sends'), code: z.string().default('500'), probability })
    .describe('Sends are refused: the message ends with ack -1'),
  z
    .strictObject({ kind: z.literal('rate-limit'), perMinute: z.int().min(0) })
    .describe('Sends above this rate are refused with code 429'),
  z
    .strictObject({ kind: z.literal('no-deduplication') })
    .describe('A repeated message id is delivered a second time'),
  z
    .strictObject({ kind: z.literal('lose-deliveries'), probability })
    .describe('Sends are acknowledged (ack 1) and never reach the recipient'),
  z
    .strictObject({ kind: z.literal('duplicate-deliveries'), probability })
    .describe('The recipient gets a message twice although it was sent once'),
  z
    .strictObject({ kind: z.literal('http-error'), status: z.int().min(400).max(599).default(500) })
    .describe('The page itself is answered with this status'),
  z.strictObject({ kind: z.literal('http-hang') }).describe('The page is never answered'),
]);

/** Faults that the page plays from its next boot on (and at once, if it is there), until they are cleared. */
const standingPageFault = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('never-ready') }).describe('hasSynced never turns true'),
  z
    .strictObject({ kind: z.literal('early-ready') })
    .describe('hasSynced turns true together with CONNECTED, before whatsapp-web.js listens'),
  z
    .strictObject({ kind: z.literal('send-before-store') })
    .describe('A message leaves before the page has stored it: a crash between the two forgets it'),
  z
    .strictObject({ kind: z.literal('no-resend') })
    .describe('The page offers a message on one connection only: what waits is not sent after a reconnect'),
  z
    .strictObject({ kind: z.literal('rename-message-key') })
    .describe('Message keys have no _serialized property'),
  z
    .strictObject({ kind: z.literal('missing-modules'), modules: z.array(z.string().min(1)).min(1) })
    .describe('These modules of the page cannot be required'),
  z
    .strictObject({ kind: z.literal('whats-new'), blocksSync: z.boolean().default(true) })
    .describe('A dialog covers the page; with blocksSync nothing syncs until its button is pressed'),
  z
    .strictObject({ kind: z.literal('slow-boot'), ms: milliseconds })
    .describe('The page starts its program this late'),
  z
    .strictObject({
      kind: z.literal('heap-growth'),
      megabytes: z.int().min(1),
      perSecond: z.int().min(1),
    })
    .describe('The page takes memory at this rate up to this size'),
]);

/** Faults that happen once, to the pages that are connected now. */
const momentaryFault = z.discriminatedUnion('kind', [
  z
    .strictObject({ kind: z.literal('drop-socket') })
    .describe('The connection is cut; the page may come back'),
  z.strictObject({ kind: z.literal('logout') }).describe('The phone unlinks every device of the account'),
  z
    .strictObject({
      kind: z.literal('block'),
      state: z.enum(['CONFLICT', 'TOS_BLOCK', 'SMB_TOS_BLOCK', 'PROXYBLOCK', 'DEPRECATED_VERSION']),
    })
    .describe('The server ends the session with this state'),
  z.strictObject({ kind: z.literal('hang'), ms: milliseconds }).describe('The page runs an endless loop'),
  z.strictObject({ kind: z.literal('crash') }).describe('The page takes memory until its process dies'),
  z.strictObject({ kind: z.literal('reload') }).describe('The page reloads itself'),
  z
    .strictObject({ kind: z.literal('navigate'), url: z.string().min(1) })
    .describe('The page goes to this address, relative to its own'),
]);

/** Everything that can be made to go wrong, by kind. */
export const faultSchema = z.union([serverFault, standingPageFault, momentaryFault]).meta({ id: 'Fault' });

export type Fault = z.output<typeof faultSchema>;
export type ServerFault = z.output<typeof serverFault>;
export type StandingPageFault = z.output<typeof standingPageFault>;
export type MomentaryFault = z.output<typeof momentaryFault>;

/** Who plays a fault, and how long it lasts. */
export type FaultClass =
  | { readonly kind: 'server'; readonly fault: ServerFault }
  | { readonly kind: 'page'; readonly fault: StandingPageFault }
  | { readonly kind: 'momentary'; readonly fault: MomentaryFault };

export function classify(fault: Fault): FaultClass {
  switch (fault.kind) {
    case 'drop-socket':
    case 'logout':
    case 'block':
    case 'hang':
    case 'crash':
    case 'reload':
    case 'navigate':
      return { kind: 'momentary', fault };
    case 'never-ready':
    case 'early-ready':
    case 'send-before-store':
    case 'no-resend':
    case 'rename-message-key':
    case 'missing-modules':
    case 'whats-new':
    case 'slow-boot':
    case 'heap-growth':
      return { kind: 'page', fault };
    default:
      return { kind: 'server', fault };
  }
}
