import { type AlertCase, counting, OPERATOR, timeline } from './alert-case.ts';

const SECOND = OPERATOR.replace('op-1', 'op-2').replace('"a"', '"b"');
const ops = { namespace: 'ops' } as const;
const info = (labels: string, version = 'v1'): string =>
  `whatsapp_operator_build_info{${labels},version="${version}"}`;
const CONTROLLER = 'controller="whatsappsession"';
const leads = (labels: string): string => `leader_election_master_status{${labels},name="whatsapp-operator"}`;
const requests = (code: string): string =>
  `rest_client_requests_total{${OPERATOR},code="${code}",method="GET",host="api"}`;

export const operatorCases: readonly AlertCase[] = [
  {
    alert: 'WhatsAppOperatorDown',
    series: { [info(OPERATOR)]: timeline([1, 10], ['_', 30], [1, 20]) },
    quietAt: 13,
    firesAt: 25,
    overAt: 41,
    labels: {},
    summary: 'No whatsapp-operator runs',
    description:
      'Prometheus has seen no whatsapp-operator for 5 minutes. Sessions that run go on; none is started, moved or updated, and changes to them have no effect.',
  },
  {
    alert: 'WhatsAppOperatorLeaderless',
    series: {
      [info(OPERATOR)]: timeline([1, 40]),
      [info(SECOND)]: timeline([1, 40]),
      [leads(OPERATOR)]: timeline([1, 10], [0, 30]),
      [leads(SECOND)]: timeline([0, 20], [1, 20]),
      // Somebody else's controller, which leads, says nothing about ours.
      'leader_election_master_status{namespace="ops",pod="x",instance="x",job="x",name="other"}': timeline([
        1, 40,
      ]),
    },
    quietAt: 11,
    firesAt: 15,
    overAt: 20,
    labels: ops,
    summary: 'No whatsapp-operator in ops leads',
    description: 'Operators run in namespace ops and none of them holds the lease, so nothing is reconciled.',
    instead: ['WhatsAppOperatorDown'],
  },
  {
    alert: 'WhatsAppOperatorReconcileErrors',
    series: {
      [`controller_runtime_reconcile_total{${OPERATOR},${CONTROLLER},result="success"}`]: counting(
        [10, 30],
        [8, 40],
        [10, 60],
      ),
      [`controller_runtime_reconcile_total{${OPERATOR},${CONTROLLER},result="error"}`]: counting(
        [0, 30],
        [2, 40],
        [0, 60],
      ),
      [`controller_runtime_reconcile_errors_total{${OPERATOR},${CONTROLLER}}`]: counting(
        [0, 30],
        [2, 40],
        [0, 60],
      ),
    },
    quietAt: 45,
    firesAt: 65,
    overAt: 90,
    labels: ops,
    summary: 'The whatsapp-operator in ops cannot do its work',
    description:
      '20% of the reconciles of the whatsapp-operator in namespace ops fail. They are repeated with growing pauses.',
  },
  {
    alert: 'WhatsAppOperatorStuck',
    series: {
      [`workqueue_longest_running_processor_seconds{${OPERATOR},${CONTROLLER},name="whatsappsession"}`]:
        '0+60x19 0+0x19',
    },
    quietAt: 8,
    firesAt: 15,
    overAt: 21,
    labels: ops,
    summary: 'A reconcile of the whatsapp-operator in ops hangs',
    description:
      'A reconcile in namespace ops has been running for 15m 0s; its deadline is a minute. The session that it is about is not looked after.',
  },
  {
    alert: 'WhatsAppOperatorApiErrors',
    series: {
      [info(OPERATOR)]: timeline([1, 140]),
      [requests('200')]: counting([10, 140]),
      [requests('500')]: counting([0, 30], [5, 40], [0, 70]),
      [requests('<error>')]: counting([0, 30], [5, 40], [0, 70]),
    },
    quietAt: 40,
    firesAt: 65,
    overAt: 90,
    labels: ops,
    summary: 'Requests of the whatsapp-operator in ops to the API server fail',
    description:
      '50% of the requests of the whatsapp-operator in namespace ops to the API server fail or are throttled.',
  },
  {
    alert: 'WhatsAppOperatorVersionSkew',
    series: {
      [info(OPERATOR)]: timeline([1, 60], ['_', 20]),
      [info(SECOND, 'v2')]: timeline([1, 80]),
    },
    quietAt: 20,
    firesAt: 40,
    overAt: 66,
    labels: ops,
    summary: 'Different versions of the whatsapp-operator run in ops',
    description:
      '2 versions of the whatsapp-operator have run side by side in namespace ops for half an hour: an upgrade has stopped half way, and the resource may be one that only one of them knows.',
  },
  {
    alert: 'WhatsAppSessionUpdateRefused',
    series: {
      [`whatsapp_operator_session_updates{${OPERATOR},state="refused"}`]: timeline([0, 5], [2, 30], [0, 10]),
      [`whatsapp_operator_session_updates{${SECOND},state="refused"}`]: timeline([0, 5], [2, 30], [0, 10]),
    },
    quietAt: 15,
    firesAt: 25,
    overAt: 36,
    labels: ops,
    summary: 'Changes to WhatsApp sessions cannot be put into effect',
    description:
      'The API server would refuse the new pods of 2 sessions (operator in namespace ops), so their old ones go on as they are.',
  },
];
