import { type Comparison, compareSightings, isSound, type Sighting } from '@whatsapp-operator/sandbox/ledger';
import type { PodRecords } from './records.ts';

/**
 * Compares what a session pod has on record with what really happened, as the sandbox saw it. Pure. An empty list of
 * findings means: nothing lost, nothing doubled, nothing out of order, and every count is right.
 */
export interface LedgerLine {
  readonly at: number;
  readonly account: string;
  readonly chat: string;
  readonly kind: string;
  readonly id: string;
}

/** What a receiver of a webhook got, deduplicated by event id or not. */
export interface ReceivedLine {
  /** Of the envelope. */
  readonly id: string;
  readonly sequence: number;
}

export interface Evidence {
  readonly records: PodRecords;
  readonly ledger: readonly LedgerLine[];
  /** By the id of the webhook. */
  readonly received: ReadonlyMap<string, readonly ReceivedLine[]>;
}

export interface Finding {
  readonly what: string;
  readonly detail: string;
}

const found = (what: string, detail: string): Finding => ({ what, detail });

export function checkAccounts(evidence: Evidence): readonly Finding[] {
  return [
    ...checkLog(evidence.records),
    ...checkInbound(evidence),
    ...checkOutbound(evidence),
    ...checkCounters(evidence.records),
    ...[...evidence.received].flatMap(([id, lines]) => checkWebhook(evidence.records, id, lines)),
  ];
}

/** Ids of events without a gap, from the first that was not pruned to the last that was ever given out. */
function checkLog({ events, bounds }: PodRecords): readonly Finding[] {
  const findings: Finding[] = [];
  let expected = bounds.first;
  for (const { id } of events) {
    if (id !== expected) findings.push(found('log', `event ${expected} is missing`));
    expected = id + 1;
  }
  if (expected !== bounds.last + 1) findings.push(found('log', `it ends before event ${bounds.last}`));
  return findings;
}

const partOf = (whatsappId: string): string => whatsappId.split('_')[2] ?? whatsappId;

/** Everything written to the account since it was linked, in order per chat. */
function checkInbound({ records, ledger }: Evidence): readonly Finding[] {
  const { floor, bounds, events, ours } = records;
  if (bounds.first > 1) {
    return [found('inbound', `events before ${bounds.first} were pruned: what is gone cannot be compared`)];
  }
  const expected: Sighting[] = ledger
    .filter(({ kind, at }) => kind === 'injected' && Math.floor(at / 1000) * 1000 >= floor)
    .map(({ chat, id }) => ({ chat, key: id }));
  const seen: Sighting[] = events
    .filter(({ type }) => type === 'message' || type === 'message.any')
    .map(({ chat, message }) => ({ chat, key: partOf(message) }));
  const findings = describe('inbound', compareSightings(expected, seen));
  const own = seen.filter(({ key }) => ours.has(key));
  return [...findings, ...own.map(({ key }) => found('inbound', `${key} was sent by the pod itself`))];
}

/** What the pod says it sent arrived once, what it says it did not send did not, in order of acceptance per chat. */
function checkOutbound({ records, ledger }: Evidence): readonly Finding[] {
  const delivered = Map.groupBy(
    ledger.filter(({ kind }) => kind === 'delivered'),
    ({ id }) => id,
  );
  const findings: Finding[] = [];
  for (const { id, status, type } of records.messages) {
    if (type === 'reaction') continue;
    const copies = delivered.get(id)?.length ?? 0;
    if (copies > 1) findings.push(found('outbound', `${id} was delivered ${copies} times`));
    if (isSent(status) && copies === 0)
      findings.push(found('outbound', `${id} is ${status} and never arrived`));
    if (isNotSent(status) && copies > 0) findings.push(found('outbound', `${id} is ${status} and arrived`));
  }
  const accepted = records.messages
    .filter(({ id }) => delivered.has(id))
    .map(({ chat, id }) => ({ chat, key: id }));
  const arrived = ledger
    .filter(({ kind, id }) => kind === 'delivered' && records.ours.has(id))
    .map(({ id }) => ({ chat: records.messages.find((message) => message.id === id)?.chat ?? '', key: id }));
  const { reordered } = compareSightings(accepted, arrived);
  return [...findings, ...reordered.map(({ key }) => found('outbound', `${key} arrived out of order`))];
}

const isSent = (status: string): boolean => ['sent', 'delivered', 'read', 'played'].includes(status);
const isNotSent = (status: string): boolean => ['queued', 'failed', 'expired', 'cancelled'].includes(status);

function checkCounters({ counters, bounds, events, inboundEvents }: PodRecords): readonly Finding[] {
  const findings: Finding[] = [];
  const agree = (what: string, counted: number, expected: number): void => {
    if (counted !== expected)
      findings.push(found('counters', `${what}: ${counted} counted, ${expected} there`));
  };
  agree('events', counters.events, bounds.last);
  if (bounds.first === 1) {
    agree('events in the log', counters.events, events.length);
    agree('inbound messages', counters.inbound, inboundEvents);
  }
  return findings;
}

/** Every event that a webhook wanted since it began, at least once, in order per chat after deduplication. */
function checkWebhook(records: PodRecords, id: string, lines: readonly ReceivedLine[]): readonly Finding[] {
  const webhook = records.webhooks.find((each) => each.id === id);
  if (webhook === undefined) return [found('webhook', `there is no webhook ${id}`)];
  const what = `webhook ${id}`;
  const chats = new Map(records.events.map((event) => [event.id, event.chat]));
  const dead = new Set(webhook.dead);
  const expected = records.events
    .filter((event) => event.id > webhook.beginsAfter && webhook.wants(event.type) && !dead.has(event.id))
    .map((event) => ({ chat: event.chat, key: String(event.id) }));
  const firsts = new Map(lines.map((line) => [line.id, line.sequence] as const).reverse());
  const known = new Set<string>();
  const seen = lines
    .filter((line) => !known.has(line.id) && known.add(line.id) !== undefined)
    .map(({ sequence }) => ({ chat: chats.get(sequence) ?? '', key: String(sequence) }));
  const findings = describe(what, compareSightings(expected, seen));
  // An id stands for one event, whenever it comes.
  const torn = lines.filter((line) => firsts.get(line.id) !== line.sequence);
  return [...findings, ...torn.map((line) => found(what, `${line.id} came with another sequence`))];
}

function describe(what: string, comparison: Comparison): readonly Finding[] {
  if (isSound(comparison)) return [];
  const { lost, duplicated, unexpected, reordered } = comparison;
  return [
    ...lost.map(({ key, chat }) => found(what, `lost: ${key} in ${chat}`)),
    ...duplicated.map(({ key, chat, seen }) => found(what, `${seen} times: ${key} in ${chat}`)),
    ...unexpected.map(({ key, chat }) => found(what, `never happened: ${key} in ${chat}`)),
    ...reordered.map(({ key, chat }) => found(what, `out of order: ${key} in ${chat}`)),
  ];
}
