import { type Alert, HOUR, MINUTE, type Pace } from './rule.ts';

/** The operator. Sessions go on without one; what they lose is whoever starts, heals and updates them. */

/** Series that other controllers have too are ours where this one is. */
const OURS = 'and on (instance, job) whatsapp_operator_build_info';
const CONTROLLER = 'controller="whatsappsession"';

export function operatorAlerts({ span, limit }: Pace): readonly Alert[] {
  const rate = (selector: string, seconds: number) =>
    `sum by (namespace) (rate(${selector}[${span(seconds)}]))`;
  const requests = (codes: string) =>
    `sum by (namespace) (rate(rest_client_requests_total${codes}[${span(15 * MINUTE)}]) ${OURS})`;
  return [
    {
      alert: 'WhatsAppOperatorDown',
      severity: 'critical',
      forSeconds: 5 * MINUTE,
      expr: 'absent(whatsapp_operator_build_info)',
      summary: 'No whatsapp-operator runs',
      description:
        'Prometheus has seen no whatsapp-operator for 5 minutes. Sessions that run go on; none is started, moved or updated, and changes to them have no effect.',
    },
    {
      alert: 'WhatsAppOperatorLeaderless',
      severity: 'critical',
      forSeconds: 2 * MINUTE,
      expr: `max by (namespace) (leader_election_master_status ${OURS}) == 0`,
      summary: 'No whatsapp-operator in {{ $labels.namespace }} leads',
      description:
        'Operators run in namespace {{ $labels.namespace }} and none of them holds the lease, so nothing is reconciled.',
    },
    {
      alert: 'WhatsAppOperatorReconcileErrors',
      severity: 'warning',
      forSeconds: 15 * MINUTE,
      expr: `${rate(`controller_runtime_reconcile_errors_total{${CONTROLLER}}`, 15 * MINUTE)}
  / ${rate(`controller_runtime_reconcile_total{${CONTROLLER}}`, 15 * MINUTE)} > 0.1`,
      summary: 'The whatsapp-operator in {{ $labels.namespace }} cannot do its work',
      description:
        '{{ $value | humanizePercentage }} of the reconciles of the whatsapp-operator in namespace {{ $labels.namespace }} fail. They are repeated with growing pauses.',
    },
    {
      alert: 'WhatsAppOperatorStuck',
      severity: 'warning',
      forSeconds: 5 * MINUTE,
      expr: `max by (namespace) (workqueue_longest_running_processor_seconds{${CONTROLLER}}) > ${limit(3 * MINUTE)}`,
      summary: 'A reconcile of the whatsapp-operator in {{ $labels.namespace }} hangs',
      description:
        'A reconcile in namespace {{ $labels.namespace }} has been running for {{ $value | humanizeDuration }}; its deadline is a minute. The session that it is about is not looked after.',
    },
    {
      alert: 'WhatsAppOperatorApiErrors',
      severity: 'warning',
      forSeconds: 15 * MINUTE,
      expr: `${requests('{code=~"5..|429|<error>"}')} / ${requests('')} > 0.1`,
      summary: 'Requests of the whatsapp-operator in {{ $labels.namespace }} to the API server fail',
      description:
        '{{ $value | humanizePercentage }} of the requests of the whatsapp-operator in namespace {{ $labels.namespace }} to the API server fail or are throttled.',
    },
    {
      alert: 'WhatsAppOperatorVersionSkew',
      severity: 'warning',
      forSeconds: HOUR / 2,
      expr: 'count by (namespace) (count by (namespace, version) (whatsapp_operator_build_info)) > 1',
      summary: 'Different versions of the whatsapp-operator run in {{ $labels.namespace }}',
      description:
        '{{ $value | printf "%.0f" }} versions of the whatsapp-operator have run side by side in namespace {{ $labels.namespace }} for half an hour: an upgrade has stopped half way, and the resource may be one that only one of them knows.',
    },
    {
      alert: 'WhatsAppSessionUpdateRefused',
      severity: 'warning',
      forSeconds: 15 * MINUTE,
      expr: 'max by (namespace) (whatsapp_operator_session_updates{state="refused"}) > 0',
      summary: 'Changes to WhatsApp sessions cannot be put into effect',
      description:
        'The API server would refuse the new pods of {{ $value | printf "%.0f" }} sessions (operator in namespace {{ $labels.namespace }}), so their old ones go on as they are.',
    },
  ];
}
