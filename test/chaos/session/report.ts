import type { Inflicted } from './disturb.ts';
import type { RunReport } from './run.ts';
import type { DisturbanceKind } from './schedule.ts';
import { breaches, type Finding } from './verdict.ts';

/** Every breach of the promise that a run shows, in words. None is what it must show. */
export function runBreaches({ verdict, traffic, scans, exit }: RunReport): readonly string[] {
  return [
    ...breaches(verdict),
    ...traffic.otherAnswer.map((answer) => `a repeated call was answered differently: ${answer}`),
    ...(scans > 0 ? [`the phone had to link ${scans} more times`] : []),
    ...(exit === 0 ? [] : [`the process ended with ${exit} on SIGTERM`]),
  ];
}

/** The report as Markdown. */
export function describeRun(report: RunReport): string {
  const { plan, traffic, verdict, restarts } = report;
  const found = runBreaches(report);
  return [
    `Seed ${plan.seed}, ${plan.service} service: ${plan.messages} messages over ${plan.chats} chats, ${plan.perSecond} per second, ` +
      `${report.inflicted.length} disturbances, ${report.seconds.toFixed(0)} s.`,
    '',
    '| what | count |',
    '|---|---:|',
    row('accepted (202)', verdict.accepted),
    ...Object.entries(verdict.byStatus).map(([status, count]) => row(`at the end \`${status}\``, count)),
    row('falsely sent', verdict.falselySent.length),
    row('falsely failed', verdict.falselyFailed.length),
    row('doubled', verdict.doubled.length),
    row('out of order', verdict.reordered.length),
    row('not accounted for', verdict.unaccounted.length),
    row('copies that the server dropped by their id', verdict.droppedByServer),
    row('calls repeated after their answer', traffic.repeated),
    ...Object.entries(traffic.refusals).map(([kind, count]) => row(`calls turned down: ${kind}`, count)),
    row('process begun again after its end', restarts.exited),
    row('process ended by its liveness probe', restarts.liveness),
    row('new scans', report.scans),
    '',
    ...describeDisturbances(report.inflicted),
    '',
    ...describeUnknown(verdict.unknown),
    found.length === 0
      ? 'No breach of the promise.'
      : `BREACHES:\n${found.map((line) => `- ${line}`).join('\n')}\n${describeFindings(report)}`,
  ].join('\n');
}

const row = (what: string, count: number): string => `| ${what} | ${count} |`;

function describeDisturbances(inflicted: readonly Inflicted[]): readonly string[] {
  const byKind = Map.groupBy(inflicted, ({ disturbance }) => disturbance.kind);
  const line = ([kind, all]: [DisturbanceKind, readonly Inflicted[]]): string => {
    const times = all
      .filter(({ struck }) => struck)
      .flatMap(({ connectedAfterMs }) => connectedAfterMs ?? [])
      .toSorted((one, other) => one - other);
    const at = (share: number) => {
      const value = times[Math.min(times.length - 1, Math.floor(times.length * share))];
      return value === undefined ? '–' : `${(value / 1000).toFixed(1)} s`;
    };
    const struck = all.filter((one) => one.struck).length;
    return `| ${kind} | ${struck} | ${at(0.5)} | ${at(1)} | ${struck - times.length} |`;
  };
  return [
    '| disturbance | struck | Connected after its end, median | longest | not before the next |',
    '|---|---:|---:|---:|---:|',
    ...[...byKind].toSorted(([one], [other]) => one.localeCompare(other)).map(line),
  ];
}

function describeUnknown(unknown: readonly Finding[]): readonly string[] {
  if (unknown.length === 0) return [];
  return [
    `${unknown.length} ended as \`unknown\`, which is an answer; the ledger knows more than the pod could:`,
    '',
    '| message | arrived | handed to the page | offered by the page | what the pod says |',
    '|---|---:|---:|---:|---|',
    ...unknown.map(
      ({ text, delivered, handedOver, submitted, outcome }) =>
        `| ${text} | ${delivered} | ${handedOver} | ${submitted} | ${outcome ?? ''} |`,
    ),
    '',
  ];
}

function describeFindings({ verdict, logFile }: RunReport): string {
  const lists = { ...verdict } as Readonly<Record<string, unknown>>;
  return [
    ...[
      'falselySent',
      'falselyFailed',
      'unaccounted',
      'givenUp',
      'doubled',
      'otherId',
      'reordered',
      'unexpected',
    ]
      .filter((name) => (lists[name] as readonly unknown[]).length > 0)
      .map(
        (name) =>
          `${name}: ${JSON.stringify((lists[name] as readonly unknown[]).slice(0, 10), undefined, 1)}`,
      ),
    `The pod's log: ${logFile}`,
  ].join('\n');
}
