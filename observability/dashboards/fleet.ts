import { series } from '../rules/recording.ts';
import { DAY, HOUR } from '../rules/rule.ts';
import type { Dashboard, Variable } from './dashboard.ts';
import type { Panel } from './panel.ts';

/** How all sessions are, in a form that one thousand of them do not blow up: sums, shares and the worst twenty. */

export const NAMESPACE: Variable = {
  name: 'namespace',
  label: 'Namespace',
  query: 'label_values(whatsapp_session_state, namespace)',
  choice: 'many',
};

const IN = 'namespace=~"$namespace"';
/** A value that Grafana puts into a link. */
const value = (name: string): string => `\${${name}}`;

const toSession = {
  title: 'This session',
  url: `/d/whatsapp-session?var-namespace=${value('__data.fields.namespace')}&var-session=${value('__data.fields.pod')}&${value('__url_time_range')}`,
} as const;

const now: readonly Panel[] = [
  {
    kind: 'stat',
    title: 'Sessions',
    description: 'Sessions whose metrics arrive; suspended ones and such as cannot start have none.',
    queries: [{ expr: `count(${series.connected}{${IN}}) or vector(0)`, legend: '' }],
    unit: 'short',
    width: 4,
  },
  {
    kind: 'stat',
    title: 'Connected',
    description: 'Sessions from which a message can leave now, proven by the page.',
    queries: [{ expr: `sum(${series.connected}{${IN}}) or vector(0)`, legend: '' }],
    unit: 'short',
    width: 4,
  },
  {
    kind: 'stat',
    title: 'Down',
    description:
      'Sessions that should be connected and are not. Those that wait for a person are beside this.',
    queries: [{ expr: `sum(${series.down}{${IN}}) or vector(0)`, legend: '' }],
    unit: 'short',
    limits: { warn: 1, bad: 5 },
    width: 4,
  },
  {
    kind: 'stat',
    title: 'Wait for a person',
    description:
      'Sessions that have to be linked with a phone, or have stopped for a cause that somebody has to look at.',
    queries: [{ expr: `sum(${series.waitsForPerson}{${IN}}) or vector(0)`, legend: '' }],
    unit: 'short',
    limits: { warn: 1, bad: 10 },
    width: 4,
  },
  {
    kind: 'stat',
    title: 'Messages that wait',
    description: 'Messages that were accepted and have not left yet, of all sessions.',
    queries: [
      { expr: `sum(whatsapp_outbox_messages{${IN},status=~"queued|sending"}) or vector(0)`, legend: '' },
    ],
    unit: 'short',
    limits: { warn: 100, bad: 1000 },
    width: 4,
  },
  {
    kind: 'stat',
    title: 'Oldest of them',
    description: 'How long the oldest of them has waited.',
    queries: [{ expr: `max(whatsapp_outbox_oldest_seconds{${IN}}) or vector(0)`, legend: '' }],
    unit: 's',
    limits: { warn: 300, bad: 900 },
    width: 4,
  },
];

const states: readonly Panel[] = [
  {
    kind: 'timeseries',
    title: 'Sessions by state',
    description:
      'How many sessions are in which state. A step that many take at once has a cause that they share.',
    queries: [{ expr: `sum by (state) (whatsapp_session_state{${IN}})`, legend: '{{state}}' }],
    unit: 'short',
    stacked: true,
    width: 12,
  },
  {
    kind: 'timeseries',
    title: 'Disconnects by reason',
    description:
      'Times per minute that sessions lost their connection, by cause. Reasons are explained in the reference of the API.',
    queries: [
      {
        expr: `sum by (reason) (rate(whatsapp_session_disconnects_total{${IN}}[$__rate_interval])) * 60 > 0`,
        legend: '{{reason}}',
      },
    ],
    unit: 'cpm',
    stacked: true,
    width: 12,
  },
  {
    kind: 'timeseries',
    title: 'Time to reconnect',
    description:
      'How long sessions needed to be connected again after a loss: half of them less than the lower line, 19 of 20 less than the upper.',
    queries: [0.5, 0.95].map((quantile) => ({
      expr: `histogram_quantile(${quantile}, sum by (le) (rate(whatsapp_session_reconnect_seconds_bucket{${IN}}[$__rate_interval])))`,
      legend: `${quantile * 100} %`,
    })),
    unit: 's',
    width: 12,
  },
  {
    kind: 'timeseries',
    title: 'Browsers begun anew, by reason',
    description:
      'Recoveries within the pods, which the operator does not see: the browser or the page was ended and started with the same profile.',
    queries: [
      {
        expr: `sum by (reason) (increase(whatsapp_engine_restarts_total{${IN}}[$__rate_interval])) > 0`,
        legend: '{{reason}}',
      },
    ],
    unit: 'short',
    stacked: true,
    width: 12,
  },
];

const delivery: readonly Panel[] = [
  {
    kind: 'timeseries',
    title: 'Messages that ended, by outcome',
    description:
      'Messages per second that were sent or given up. Anything but sent is told to whoever asked for it.',
    queries: [
      {
        expr: `sum by (status) (rate(whatsapp_outbox_ended_total{${IN}}[$__rate_interval]))`,
        legend: '{{status}}',
      },
    ],
    unit: 'cps',
    stacked: true,
    width: 8,
  },
  {
    kind: 'timeseries',
    title: 'Failed deliveries',
    description:
      'Share of messages within an hour that were given up through no fault of their sender, by namespace. The objective is at most 0.1 %.',
    queries: [{ expr: `${series.deliveryErrors(HOUR)}{${IN}} >= 0`, legend: '{{namespace}}' }],
    unit: 'percentunit',
    limits: { warn: 0.001, bad: 0.0144 },
    width: 8,
  },
  {
    kind: 'heatmap',
    title: 'Time to acknowledgement',
    description:
      "Time from acceptance to WhatsApp's acknowledgement: the darker, the more messages. What waits while a session is down shows as a band at the top.",
    queries: [
      {
        expr: `sum by (le) (increase(whatsapp_send_ack_seconds_bucket{${IN},ack="server"}[$__rate_interval]))`,
        legend: '{{le}}',
      },
    ],
    unit: 's',
    width: 8,
  },
  {
    kind: 'timeseries',
    title: 'Retries by reason',
    description:
      'Attempts per minute after the first. Each was preceded by the question whether the message is there already, so that none is doubled.',
    queries: [
      {
        expr: `sum by (reason) (rate(whatsapp_send_retries_total{${IN}}[$__rate_interval])) * 60`,
        legend: '{{reason}}',
      },
    ],
    unit: 'cpm',
    width: 8,
  },
  {
    kind: 'timeseries',
    title: 'Messages that came in',
    description: 'Messages from others per second, as they are written to the event log.',
    queries: [
      { expr: `sum(rate(whatsapp_inbound_messages_total{${IN}}[$__rate_interval]))`, legend: 'messages' },
    ],
    unit: 'cps',
    width: 8,
  },
  {
    kind: 'timeseries',
    title: 'Webhook deliveries by outcome',
    description:
      'Attempts per second to deliver events. What is not delivered is tried again, and becomes a dead letter at its limit.',
    queries: [
      {
        expr: `sum by (outcome) (rate(whatsapp_webhook_deliveries_total{${IN}}[$__rate_interval]))`,
        legend: '{{outcome}}',
      },
    ],
    unit: 'cps',
    width: 8,
  },
];

const worst = (title: string, description: string, expr: string, unit: string): Panel => ({
  kind: 'table',
  title,
  description: `${description} A click opens the session.`,
  queries: [{ expr, legend: '' }],
  unit,
  width: 8,
  link: toSession,
});

export const fleet: Dashboard = {
  uid: 'whatsapp-fleet',
  title: 'WhatsApp / Fleet',
  description:
    'All WhatsApp sessions: how many are in which state, what disconnects them, what is delivered, and the worst of them.',
  variables: [NAMESPACE],
  rows: [
    { title: 'Now', panels: now },
    { title: 'Sessions', panels: states },
    { title: 'Messages', panels: delivery },
    {
      title: 'The worst twenty',
      panels: [
        worst(
          'Least connected within a day',
          'Share of the last day that the session was connected.',
          `bottomk(20, ${series.availability(DAY)}{${IN}})`,
          'percentunit',
        ),
        worst(
          'Most disconnects within a day',
          'How often the session lost its connection, for whatever reason.',
          `topk(20, sum by (namespace, pod) (increase(whatsapp_session_disconnects_total{${IN}}[1d])) > 0)`,
          'short',
        ),
        worst(
          'Oldest messages',
          'How long the oldest message in the outbox has waited.',
          `topk(20, whatsapp_outbox_oldest_seconds{${IN}} > 0)`,
          's',
        ),
      ],
    },
  ],
};
