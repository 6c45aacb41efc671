import type { Dashboard } from './dashboard.ts';
import type { Panel } from './panel.ts';

/** The operator at work. */

const IN = 'namespace=~"$operator"';
const CONTROLLER = `${IN},controller="whatsappsession"`;
/** Series that other controllers have too. */
const OURS = `and on (instance, job) whatsapp_operator_build_info{${IN}}`;

const state: readonly Panel[] = [
  {
    kind: 'stat',
    title: 'Replicas',
    description: 'Operators that run. One leads, the others stand by with warm caches.',
    queries: [{ expr: `count(whatsapp_operator_build_info{${IN}}) or vector(0)`, legend: '' }],
    unit: 'short',
    limits: { warn: 2, bad: 1, good: 'high' },
    width: 4,
  },
  {
    kind: 'stat',
    title: 'Leaders',
    description: 'Exactly one. Without one nothing is reconciled.',
    queries: [{ expr: `sum(leader_election_master_status ${OURS}) or vector(0)`, legend: '' }],
    unit: 'short',
    limits: { warn: 1, bad: 1, good: 'high' },
    width: 4,
  },
  {
    kind: 'stat',
    title: 'Waiting keys',
    description: 'Sessions that wait for their reconcile.',
    queries: [{ expr: `sum(workqueue_depth{${CONTROLLER}}) or vector(0)`, legend: '' }],
    unit: 'short',
    limits: { warn: 50, bad: 500 },
    width: 4,
  },
  {
    kind: 'stat',
    title: 'Longest reconcile under way',
    description: 'How long the oldest reconcile has been running. Its deadline is a minute.',
    queries: [
      { expr: `max(workqueue_longest_running_processor_seconds{${CONTROLLER}}) or vector(0)`, legend: '' },
    ],
    unit: 's',
    limits: { warn: 10, bad: 60 },
    width: 4,
  },
  {
    kind: 'table',
    title: 'Versions',
    description:
      'Operators by version. More than one for longer than an upgrade takes is a half-done upgrade.',
    queries: [{ expr: `count by (namespace, version) (whatsapp_operator_build_info{${IN}})`, legend: '' }],
    unit: 'short',
    width: 8,
    height: 4,
  },
];

const sessions: readonly Panel[] = [
  {
    kind: 'timeseries',
    title: 'Sessions by phase',
    description: 'What the operator says of its sessions.',
    queries: [{ expr: `max by (phase) (whatsapp_operator_sessions{${IN}})`, legend: '{{phase}}' }],
    unit: 'short',
    stacked: true,
    width: 12,
  },
  {
    kind: 'table',
    title: 'What is in the way',
    description: 'Sessions that are not ready, by the reason of their condition Ready.',
    queries: [
      {
        expr: `count by (reason) (max by (session_namespace, session, reason) (whatsapp_operator_session_status{${IN},reason!~"Connected|Suspended"}))`,
        legend: '',
      },
    ],
    unit: 'short',
    width: 12,
    height: 8,
  },
  {
    kind: 'timeseries',
    title: 'Restarts by reason',
    description: 'Restarts of session containers that count against the restart budget, within the interval.',
    queries: [
      {
        expr: `sum by (reason) (increase(whatsapp_operator_session_restarts_total{${IN}}[$__rate_interval]))`,
        legend: '{{reason}}',
      },
    ],
    unit: 'short',
    width: 12,
  },
  {
    kind: 'timeseries',
    title: 'Replacements of pods',
    description:
      'Sessions whose pod is to be replaced: those under way stay within the limit, the others wait for their turn.',
    queries: [
      { expr: `max by (state) (whatsapp_operator_session_updates{${IN}})`, legend: '{{state}}' },
      { expr: `max(whatsapp_operator_session_updates_limit{${IN}})`, legend: 'limit' },
    ],
    unit: 'short',
    width: 12,
  },
];

const work: readonly Panel[] = [
  {
    kind: 'timeseries',
    title: 'Reconciles by result',
    description: 'Reconciles per second.',
    queries: [
      {
        expr: `sum by (result) (rate(controller_runtime_reconcile_total{${CONTROLLER}}[$__rate_interval]))`,
        legend: '{{result}}',
      },
    ],
    unit: 'ops',
    stacked: true,
    width: 8,
  },
  {
    kind: 'timeseries',
    title: 'Length of a reconcile',
    description: 'Half of the reconciles took less than the lower line, 99 of 100 less than the upper.',
    queries: [0.5, 0.99].map((quantile) => ({
      expr: `histogram_quantile(${quantile}, sum by (le) (rate(controller_runtime_reconcile_time_seconds_bucket{${CONTROLLER}}[$__rate_interval])))`,
      legend: `${quantile * 100} %`,
    })),
    unit: 's',
    width: 8,
  },
  {
    kind: 'timeseries',
    title: 'Wait in the queue',
    description: 'How long keys wait before they are worked on: 99 of 100 less.',
    queries: [
      {
        expr: `histogram_quantile(0.99, sum by (le) (rate(workqueue_queue_duration_seconds_bucket{${CONTROLLER}}[$__rate_interval])))`,
        legend: '99 %',
      },
    ],
    unit: 's',
    width: 8,
  },
  {
    kind: 'timeseries',
    title: 'Requests to the API server',
    description:
      'Requests per second by method and answer. 409 is a conflict that is repeated; 429 is throttling.',
    queries: [
      {
        expr: `sum by (method, code) (rate(rest_client_requests_total[$__rate_interval]) ${OURS})`,
        legend: '{{method}} {{code}}',
      },
    ],
    unit: 'reqps',
    width: 8,
  },
  {
    kind: 'timeseries',
    title: 'Watches',
    description:
      'Lists, watches and what went wrong with them, within the interval. A list each time is a watch that does not hold.',
    queries: [
      { expr: `sum(increase(reflector_lists_total[$__rate_interval]) ${OURS})`, legend: 'lists' },
      { expr: `sum(increase(reflector_watches_total[$__rate_interval]) ${OURS})`, legend: 'watches' },
      {
        expr: `sum by (reason) (increase(reflector_failures_total[$__rate_interval]) ${OURS})`,
        legend: '{{reason}}',
      },
    ],
    unit: 'short',
    width: 8,
  },
  {
    kind: 'timeseries',
    title: 'Memory',
    description: 'Memory of each operator; its caches grow with the number of sessions.',
    queries: [{ expr: `sum by (pod) (process_resident_memory_bytes ${OURS})`, legend: '{{pod}}' }],
    unit: 'bytes',
    width: 8,
  },
];

export const operator: Dashboard = {
  uid: 'whatsapp-operator',
  title: 'WhatsApp / Operator',
  description:
    'The whatsapp-operator at work: its sessions, reconciles, queue, requests, leader, restart budget and the pace of replacements.',
  variables: [
    {
      name: 'operator',
      label: 'Namespace of the operator',
      query: 'label_values(whatsapp_operator_build_info, namespace)',
      choice: 'many',
    },
  ],
  rows: [
    { title: 'Now', panels: state },
    { title: 'Sessions', panels: sessions },
    { title: 'Work', panels: work },
  ],
};
