import type { readyReasons } from '../../api/src/resource/index.ts';
import { outcomeCode } from '../../api/src/session/index.ts';
import { BY_SESSION, ON_SESSION } from './labels.ts';
import { DAY, formatSpan, HOUR, MINUTE, type Pace, type RecordingRule, type RuleGroup } from './rule.ts';

/** Series that alerts and dashboards share: who is down, what was delivered, how fast. */

export const series = {
  connected: 'namespace_pod:whatsapp_session_connected:max',
  waitsForPerson: 'namespace_pod:whatsapp_session_waits_for_person:max',
  status: 'namespace_pod_phase_reason:whatsapp_operator_session_status:max',
  down: 'namespace_pod:whatsapp_session_down:max',
  downCount: 'whatsapp:sessions_down:sum',
  downRatio: 'whatsapp:sessions_down:ratio',
  availability: (seconds: number) => `namespace_pod:whatsapp_session_connected:avg${formatSpan(seconds)}`,
  deliveryErrors: (seconds: number) => `namespace:whatsapp_delivery_errors:ratio_rate${formatSpan(seconds)}`,
  slowAcks: (seconds: number) => `namespace:whatsapp_slow_acks:ratio_rate${formatSpan(seconds)}`,
} as const;

/** Reasons of the condition Ready for which the pod does not run as it should, whatever WhatsApp says. */
const notRunning = (
  [
    'InvalidSpec',
    'NameTaken',
    'PredecessorTerminating',
    'QuotaExceeded',
    'PodSecurityRefused',
    'PodRefused',
    'ChildRefused',
    'StorageNotReady',
    'NodeUnreachable',
    'PodTerminating',
    'PodLost',
    'Unschedulable',
    'ImageUnavailable',
    'SecretMissing',
    'OutOfMemory',
    'CrashLooping',
    'MountFailed',
    'PodStarting',
    'SessionUnreachable',
  ] as const satisfies readonly (typeof readyReasons)[number][]
).join('|');

/** Ends for which the sender is not to blame: a wrong number or a broken file is no failure of delivery. */
export const FAILED_DELIVERIES: string = outcomeCode
  .extract([
    'media_missing',
    'rejected_by_whatsapp',
    'attempts_exhausted',
    'expired',
    'not_proven',
    'logged_out',
    'account_changed',
  ])
  .options.join('|');

/** An acknowledgement of WhatsApp's server after this time is late. Seconds, and a bucket of the histogram. */
export const LATE_ACK = 30;

/** Windows of the burn rates. */
export const WINDOWS = [5 * MINUTE, 30 * MINUTE, HOUR, 6 * HOUR] as const;

export function recordingRules(at: Pace): readonly RuleGroup<RecordingRule>[] {
  return [
    { name: 'whatsapp-sessions', rules: sessionRules(at) },
    { name: 'whatsapp-delivery', rules: WINDOWS.flatMap((window) => deliveryRules(window, at)) },
  ];
}

const sessionRules = ({ span }: Pace): readonly RecordingRule[] => [
  {
    record: series.connected,
    expr: `max ${BY_SESSION} (whatsapp_session_state{state="Connected"})`,
    help: '1 while the session is connected, 0 while it is not',
  },
  {
    record: series.waitsForPerson,
    expr: `max ${BY_SESSION} (whatsapp_session_state{state=~"Pairing|LoggedOut|Failed"})`,
    help: '1 while only a person can lead the session on: it has to be linked, or to be looked at',
  },
  {
    record: series.status,
    expr: `max by (namespace, pod, phase, reason) (
  label_replace(
    label_replace(whatsapp_operator_session_status, "namespace", "$1", "session_namespace", "(.+)"),
    "pod", "$1", "session", "(.+)"
  )
)`,
    help: 'What the operator says of each session, under the labels that the session itself has',
  },
  {
    record: series.down,
    expr: `(
  max ${BY_SESSION} (${series.status}{reason=~"${notRunning}"})
  unless ${ON_SESSION} ${series.connected} == 1
)
or
(${series.connected} == bool 0 unless ${ON_SESSION} ${series.waitsForPerson} == 1)`,
    help: '1 while the session should be connected and is not, 0 while it is; absent while it waits for a person or is suspended',
  },
  {
    record: series.downCount,
    expr: `sum(${series.down})`,
    help: 'Sessions that should be connected and are not',
  },
  {
    record: series.downRatio,
    expr: `avg(${series.down})`,
    help: 'The same as a share of all that should be connected',
  },
  ...[HOUR, DAY].map((window) => ({
    record: series.availability(window),
    expr: `avg_over_time(${series.connected}[${span(window)}])`,
    help: `Share of the last ${formatSpan(window)} that the session was connected`,
  })),
];

function deliveryRules(window: number, { span, limit }: Pace): readonly RecordingRule[] {
  const within = `[${span(window)}]`;
  const bad = `sum by (namespace) (rate(whatsapp_outbox_outcomes_total{code=~"${FAILED_DELIVERIES}"}${within}))`;
  const good = `sum by (namespace) (rate(whatsapp_outbox_ended_total{status="sent"}${within}))`;
  const all = `sum by (namespace) (rate(whatsapp_send_ack_seconds_count{ack="server"}${within}))`;
  const punctual = `sum by (namespace) (rate(whatsapp_send_ack_seconds_bucket{ack="server",le="${limit(LATE_ACK)}"}${within}))`;
  const name = formatSpan(window);
  return [
    {
      record: series.deliveryErrors(window),
      expr: `${bad} / (${bad} + ${good})`,
      help: `Share of messages that ended in the last ${name} without being sent, through no fault of the sender`,
    },
    {
      record: series.slowAcks(window),
      expr: `1 - ${punctual} / ${all}`,
      help: `Share of acknowledgements of WhatsApp's server in the last ${name} that came more than ${LATE_ACK} s after acceptance`,
    },
  ];
}
