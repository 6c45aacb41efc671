import type { MessageResource, MessageStatus } from '../../../api/src/session/index.ts';
import { compareSightings } from '../../../sandbox/src/ledger/compare.ts';
import type { LedgerEntry } from '../../../sandbox/src/ledger/entry.ts';

/** One message that the API answered for with 202, in the order of those answers within its chat. */
export interface Accepted {
  readonly chat: string;
  /** Unlike any other of the run. */
  readonly text: string;
  readonly id: string;
}

/** A message, and what is to be said of it. */
export interface Finding {
  readonly chat: string;
  readonly text: string;
  readonly id: string;
  readonly status: MessageStatus | 'missing';
  readonly delivered: number;
  /** How often the pod handed it to the page, as far as the pod can tell. */
  readonly handedOver: number;
  /** How often the page offered it to the server. */
  readonly submitted: number;
  readonly outcome: string | undefined;
}

/** Everything that a run must answer for. Empty lists, but for `unknown`, are what the promise says. */
export interface Verdict {
  readonly accepted: number;
  readonly byStatus: Readonly<Record<string, number>>;
  /** Said to be sent, delivered or read, and never delivered. */
  readonly falselySent: readonly Finding[];
  /** Said to be failed, expired or cancelled, and delivered. */
  readonly falselyFailed: readonly Finding[];
  /** Still queued or sending at the end, or not known to the API at all. */
  readonly unaccounted: readonly Finding[];
  /** Failed, expired or cancelled, honestly: allowed only where a fault justifies it, so the run lists them. */
  readonly givenUp: readonly Finding[];
  /** Honestly undecided. Each says whether it arrived. */
  readonly unknown: readonly Finding[];
  /** Delivered more than once, under any id. */
  readonly doubled: readonly Finding[];
  /** Delivered under another id than the one that was answered. */
  readonly otherId: readonly Finding[];
  /** Delivered out of the order in which the chat's messages were accepted. */
  readonly reordered: readonly { readonly chat: string; readonly text: string }[];
  /** Delivered and never asked for. */
  readonly unexpected: readonly { readonly chat: string; readonly text: string }[];
  /** Copies that the server dropped because it knew their id: nobody saw them, and they show the last defence at work. */
  readonly droppedByServer: number;
}

const settledAsSent: readonly string[] = ['sent', 'delivered', 'read', 'played'];
const settledAsUnsent: readonly string[] = ['failed', 'expired', 'cancelled'];

/**
 * Holds what the API answered and says against what recipients really got.
 *
 * @param accepted in the order of the answers within each chat
 * @param resources what the API says of each at the end
 * @param ledger the sandbox's, of this account alone
 */
export function judge(
  accepted: readonly Accepted[],
  resources: readonly MessageResource[],
  ledger: readonly LedgerEntry[],
): Verdict {
  const resourceOf = new Map(resources.map((resource) => [resource.id, resource]));
  const ofKind = (kind: LedgerEntry['kind']) => ledger.filter((entry) => entry.kind === kind);
  const deliveries = ofKind('delivered');
  const deliveredBy = Map.groupBy(deliveries, ({ detail }) => detail ?? '');
  const submittedBy = Map.groupBy(ofKind('submitted'), ({ id }) => id);

  const findings = accepted.map(({ chat, text, id }): Finding => {
    const resource = resourceOf.get(id);
    return {
      chat,
      text,
      id,
      status: resource?.status ?? 'missing',
      delivered: deliveredBy.get(text)?.length ?? 0,
      handedOver: resource?.attempts.filter(({ outcome }) => outcome !== 'not_begun').length ?? 0,
      submitted: submittedBy.get(id)?.length ?? 0,
      outcome:
        resource?.outcome === null || resource === undefined
          ? undefined
          : `${resource.outcome.code}: ${resource.outcome.detail}`,
    };
  });
  const withStatus = (statuses: readonly string[]) =>
    findings.filter(({ status }) => statuses.includes(status));
  const order = compareSightings(
    accepted.map(({ chat, text }) => ({ chat, key: text })),
    deliveries.map(({ chat, detail }) => ({ chat, key: detail ?? '' })),
  );
  const toText = ({ chat, key }: { readonly chat: string; readonly key: string }) => ({ chat, text: key });
  return {
    accepted: accepted.length,
    byStatus: Object.fromEntries(
      [...Map.groupBy(findings, ({ status }) => status)].map(([status, group]) => [status, group.length]),
    ),
    falselySent: withStatus(settledAsSent).filter(({ delivered }) => delivered === 0),
    falselyFailed: withStatus(settledAsUnsent).filter(({ delivered }) => delivered > 0),
    unaccounted: withStatus(['missing', 'queued', 'sending']),
    givenUp: withStatus(settledAsUnsent).filter(({ delivered }) => delivered === 0),
    unknown: withStatus(['unknown']),
    doubled: findings.filter(({ delivered }) => delivered > 1),
    otherId: findings.filter(({ text, id }) => deliveredBy.get(text)?.some((entry) => entry.id !== id)),
    reordered: order.reordered.map(toText),
    unexpected: order.unexpected.map(toText),
    droppedByServer: ofKind('deduplicated').length,
  };
}

/** Every breach of the promise, in words; none is what every run must show. */
export function breaches(verdict: Verdict): readonly string[] {
  const rows: readonly (readonly [string, number])[] = [
    ['said to be sent and never delivered', verdict.falselySent.length],
    ['said to have failed and delivered', verdict.falselyFailed.length],
    ['not accounted for', verdict.unaccounted.length],
    ['given up although every fault passed', verdict.givenUp.length],
    ['delivered more than once', verdict.doubled.length],
    ['delivered under another id than was answered', verdict.otherId.length],
    ['delivered out of order', verdict.reordered.length],
    ['delivered and never asked for', verdict.unexpected.length],
  ];
  return rows.filter(([, count]) => count > 0).map(([what, count]) => `${count} ${what}`);
}
