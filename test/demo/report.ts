import { type Comparison, compareSightings, isSound } from '../../sandbox/src/ledger/compare.ts';
import type { LedgerEntry } from '../../sandbox/src/ledger/entry.ts';

/** When an ack came, in milliseconds after its message was sent. */
export interface AckSighting {
  readonly ack: number;
  readonly ms: number;
}

const ACK_NAMES: Readonly<Record<number, string>> = {
  [-1]: 'refused',
  1: 'server',
  2: 'delivered',
  3: 'read',
  4: 'played',
};

/** What happened, behind the time since the start; further lines of the text stand below its first. */
export function timedLine(ms: number, text: string): string {
  const [first, ...rest] = text.split('\n');
  const time = `${(ms / 1000).toFixed(1)} s`.padStart(7);
  return [`${time}  ${first}`, ...rest.map((line) => `${' '.repeat(time.length)}  ${line}`)].join('\n');
}

/** One message with its acks in the order in which they came. */
export const ackLine = (message: string, acks: readonly AckSighting[]): string => {
  const seen = acks.map(({ ack, ms }) => `${ACK_NAMES[ack] ?? `ack ${ack}`} +${Math.round(ms)} ms`);
  return `${message}: ${seen.length === 0 ? 'no ack came' : seen.join(', ')}`;
};

/** What the ledger says about the messages that the demo sent. */
export interface Verdict {
  readonly clean: boolean;
  readonly lines: readonly string[];
}

/**
 * Compares the texts that were sent, in order, with those that the recipient really got. Not by message id: a retry
 * under a new id would be a double as well, and what the server never saw would be no loss.
 */
export function judge(sent: readonly string[], ledger: readonly LedgerEntry[]): Verdict {
  const count = (kind: LedgerEntry['kind']) => ledger.filter((entry) => entry.kind === kind).length;
  const inOneChat = (key: string) => ({ chat: 'chat', key });
  const delivered = ledger.filter(({ kind }) => kind === 'delivered').map(({ detail }) => detail ?? '');
  const comparison = compareSightings(sent.map(inOneChat), delivered.map(inOneChat));
  return {
    clean: isSound(comparison),
    lines: [
      `handed to the server ${count('submitted')} times, of which it knew ${count('deduplicated')} already and refused ${count('refused')}`,
      `sent ${sent.length}, reached the recipient ${delivered.length}: ${tally(comparison)}`,
      ...details(comparison),
    ],
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

function tally({ lost, duplicated, unexpected, reordered }: Comparison): string {
  const missing = sum(lost.map(({ expected, seen }) => expected - seen));
  const doubled = sum(duplicated.map(({ expected, seen }) => seen - expected));
  const foreign = sum(unexpected.map(({ seen }) => seen));
  return `lost ${missing}, doubled ${doubled}, never sent ${foreign}, out of order ${reordered.length}`;
}

const details = ({ lost, duplicated, unexpected, reordered }: Comparison): readonly string[] =>
  [
    ['lost', lost] as const,
    ['doubled', duplicated] as const,
    ['never sent', unexpected] as const,
    ['out of order', reordered] as const,
  ].flatMap(([what, found]) => found.map(({ key }) => `  ${what}: ${key}`));
