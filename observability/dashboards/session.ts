import { sessionState } from '../../api/src/session/index.ts';
import type { Dashboard } from './dashboard.ts';
import { NAMESPACE } from './fleet.ts';
import type { Panel } from './panel.ts';

/** The life of one session. */

const IT = 'namespace=~"$namespace",pod="$session"';
const rate = (metric: string, label: string, labels = ''): string =>
  `sum by (${label}) (rate(${metric}{${IT}${labels}}[$__rate_interval])) * 60`;

const life: readonly Panel[] = [
  {
    kind: 'timeline',
    title: 'State',
    description: 'The state that the session was in; only while it is Connected messages leave.',
    queries: sessionState.options.map((state) => ({
      expr: `max(whatsapp_session_state{${IT},state="${state}"})`,
      legend: state,
    })),
    unit: 'bool_yes_no',
    limits: { warn: 1, bad: 0.5, good: 'high' },
    width: 24,
    height: 9,
  },
  {
    kind: 'timeseries',
    title: 'Disconnects and recoveries',
    description: 'Losses of the connection, and browsers begun anew, within the interval, by reason.',
    queries: [
      {
        expr: `sum by (reason) (increase(whatsapp_session_disconnects_total{${IT}}[$__rate_interval])) > 0`,
        legend: 'disconnect: {{reason}}',
      },
      {
        expr: `sum by (reason) (increase(whatsapp_engine_restarts_total{${IT}}[$__rate_interval])) > 0`,
        legend: 'browser: {{reason}}',
      },
    ],
    unit: 'short',
    width: 12,
  },
  {
    kind: 'table',
    title: 'What it is',
    description:
      'Why the session is in its state, and versions of the library, the browser and WhatsApp Web.',
    queries: [
      { expr: `whatsapp_session_state_info{${IT}}`, legend: '' },
      { expr: `whatsapp_session_info{${IT}}`, legend: '' },
    ],
    unit: 'short',
    width: 12,
    height: 8,
  },
];

const sending: readonly Panel[] = [
  {
    kind: 'timeseries',
    title: 'Messages that wait',
    description: 'Messages in the outbox that are queued or being sent.',
    queries: [
      {
        expr: `sum by (status) (whatsapp_outbox_messages{${IT},status=~"queued|sending"})`,
        legend: '{{status}}',
      },
    ],
    unit: 'short',
    stacked: true,
    width: 8,
  },
  {
    kind: 'timeseries',
    title: 'Age of the oldest',
    description: 'How long the oldest message has waited. After its time to expire a message is given up.',
    queries: [{ expr: `max(whatsapp_outbox_oldest_seconds{${IT}})`, legend: 'oldest' }],
    unit: 's',
    limits: { warn: 300, bad: 900 },
    width: 8,
  },
  {
    kind: 'timeseries',
    title: 'Accepted and ended',
    description: 'Messages per minute that were accepted, sent and given up.',
    queries: [
      { expr: `sum(rate(whatsapp_outbox_accepted_total{${IT}}[$__rate_interval])) * 60`, legend: 'accepted' },
      { expr: rate('whatsapp_outbox_ended_total', 'status'), legend: '{{status}}' },
    ],
    unit: 'cpm',
    width: 8,
  },
  {
    kind: 'timeseries',
    title: 'Attempts by outcome',
    description:
      'Attempts per minute to hand a message to the page. Only inserted says that the page has it.',
    queries: [{ expr: rate('whatsapp_send_attempts_total', 'outcome'), legend: '{{outcome}}' }],
    unit: 'cpm',
    width: 8,
  },
  {
    kind: 'timeseries',
    title: 'Retries by reason',
    description: 'Attempts per minute after the first, and why they were made.',
    queries: [{ expr: rate('whatsapp_send_retries_total', 'reason'), legend: '{{reason}}' }],
    unit: 'cpm',
    width: 8,
  },
  {
    kind: 'timeseries',
    title: 'Time to acknowledgement',
    description:
      "Time from acceptance to acknowledgement by WhatsApp's server and by a device of the recipient: 19 of 20 needed less.",
    queries: ['server', 'device'].map((ack) => ({
      expr: `histogram_quantile(0.95, sum by (le) (rate(whatsapp_send_ack_seconds_bucket{${IT},ack="${ack}"}[$__rate_interval])))`,
      legend: ack,
    })),
    unit: 's',
    limits: { warn: 10, bad: 30 },
    width: 8,
  },
];

const receiving: readonly Panel[] = [
  {
    kind: 'timeseries',
    title: 'Messages that came in, by type',
    description: 'Messages from others per minute.',
    queries: [{ expr: rate('whatsapp_inbound_messages_total', 'type'), legend: '{{type}}' }],
    unit: 'cpm',
    width: 8,
  },
  {
    kind: 'timeseries',
    title: 'Webhook deliveries by outcome',
    description: 'Attempts per minute to deliver events.',
    queries: [{ expr: rate('whatsapp_webhook_deliveries_total', 'outcome'), legend: '{{outcome}}' }],
    unit: 'cpm',
    width: 8,
  },
  {
    kind: 'timeseries',
    title: 'Events that wait for a webhook',
    description:
      'Events that an enabled webhook has not got yet, and those that were given up and can be delivered again.',
    queries: [
      { expr: `max(whatsapp_webhook_pending_events{${IT}})`, legend: 'pending' },
      { expr: `max(whatsapp_webhook_dead_letters{${IT}})`, legend: 'dead letters' },
    ],
    unit: 'short',
    width: 8,
  },
];

const resources: readonly Panel[] = [
  {
    kind: 'timeseries',
    title: 'Memory',
    description:
      'Memory of the container against its limit, of the browser with all its processes, and of the Node process.',
    queries: [
      { expr: `max(whatsapp_container_memory_limit_bytes{${IT}})`, legend: 'limit' },
      { expr: `max(whatsapp_container_memory_working_set_bytes{${IT}})`, legend: 'container' },
      { expr: `max(whatsapp_browser_memory_bytes{${IT}})`, legend: 'browser' },
      { expr: `max(process_resident_memory_bytes{${IT}})`, legend: 'Node' },
    ],
    unit: 'bytes',
    width: 8,
  },
  {
    kind: 'timeseries',
    title: 'Processor',
    description: 'Processors in use, by the browser and by the Node process.',
    queries: [
      { expr: `sum(rate(whatsapp_browser_cpu_seconds_total{${IT}}[$__rate_interval]))`, legend: 'browser' },
      { expr: `sum(rate(process_cpu_seconds_total{${IT}}[$__rate_interval]))`, legend: 'Node' },
    ],
    unit: 'short',
    width: 8,
  },
  {
    kind: 'timeseries',
    title: 'Volume',
    description: 'What is left on the volume. Below its reserve the session refuses new messages.',
    queries: [
      { expr: `max(whatsapp_data_size_bytes{${IT}})`, legend: 'size' },
      { expr: `max(whatsapp_data_free_bytes{${IT}})`, legend: 'free' },
    ],
    unit: 'bytes',
    width: 8,
  },
  {
    kind: 'timeseries',
    title: 'Event loop',
    description:
      'How late the loop of the Node process is: 99 of 100 turns less. The browser has a thread of its own.',
    queries: [{ expr: `max(nodejs_eventloop_lag_p99_seconds{${IT}})`, legend: 'lag' }],
    unit: 's',
    limits: { warn: 0.1, bad: 1 },
    width: 12,
  },
  {
    kind: 'timeseries',
    title: 'Requests to the API',
    description: 'Requests per minute by their status.',
    queries: [
      {
        expr: `sum by (status) (rate(whatsapp_http_request_seconds_count{${IT}}[$__rate_interval])) * 60`,
        legend: '{{status}}',
      },
    ],
    unit: 'cpm',
    width: 12,
  },
];

export const session: Dashboard = {
  uid: 'whatsapp-session',
  title: 'WhatsApp / Session',
  description:
    'The life of one WhatsApp session: states, sends, retries, acknowledgements, webhooks, and what it uses.',
  variables: [
    NAMESPACE,
    {
      name: 'session',
      label: 'Session',
      query: 'label_values(whatsapp_session_state{namespace=~"$namespace"}, pod)',
      choice: 'one',
    },
  ],
  rows: [
    { title: 'Life', panels: life },
    { title: 'Sending', panels: sending },
    { title: 'Receiving', panels: receiving },
    { title: 'Resources', panels: resources },
  ],
};
