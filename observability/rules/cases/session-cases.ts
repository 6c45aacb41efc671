import { type AlertCase, connected, lifeOf, OPERATOR, SALES, sales, timeline } from './alert-case.ts';

const pods = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => `s${n}`);
const inShop = (pod: string): string => `namespace="shop",pod="${pod}"`;
const told = (phase: string, reason: string, session = 'sales'): string =>
  `whatsapp_operator_session_status{${OPERATOR},session_namespace="shop",session="${session}",phase="${phase}",reason="${reason}"}`;
const disconnects = `whatsapp_session_disconnects_total{${SALES},reason="socket_lost"}`;
const unlinks = `whatsapp_engine_restarts_total{${SALES},reason="logged_out"}`;

export const sessionCases: readonly AlertCase[] = [
  {
    alert: 'WhatsAppFleetDisconnected',
    series: Object.assign(
      {},
      ...pods(8).map((pod) =>
        lifeOf(inShop(pod), ['Connected', 20], ['Disconnected', 30], ['Connected', 20]),
      ),
      ...pods(12)
        .slice(8)
        .map((pod) => connected(70, inShop(pod))),
    ),
    quietAt: 20,
    firesAt: 30,
    overAt: 51,
    labels: {},
    summary: '8 WhatsApp sessions are down at once',
    description:
      '66.67% of all sessions that should be connected are not (8 of them): the cause is what they share – WhatsApp itself, the network, a node, an update – and not each of them. Alerts of single sessions that are down are silent meanwhile.',
    instead: ['WhatsAppSessionDown'],
  },
  {
    alert: 'WhatsAppSessionDown',
    series: {
      ...lifeOf(SALES, ['Connected', 10], ['Disconnected', 3], ['Starting', 12], ['Connected', 10]),
      ...connected(40, inShop('other')),
    },
    quietAt: 13,
    firesAt: 16,
    overAt: 26,
    labels: sales,
    summary: 'WhatsApp session shop/sales is down',
    description:
      'shop/sales should be connected and has not been for 5 minutes. Messages are accepted and wait in its outbox.',
  },
  {
    // A pod that cannot even start has no metrics of its own; the operator speaks for it.
    alert: 'WhatsAppSessionDown',
    series: {
      [told('Pending', 'ImageUnavailable')]: timeline([1, 20], ['_', 20]),
      [told('Connected', 'Connected')]: timeline(['_', 20], [1, 20]),
    },
    quietAt: 3,
    firesAt: 10,
    overAt: 21,
    labels: sales,
    summary: 'WhatsApp session shop/sales is down',
    description:
      'shop/sales should be connected and has not been for 5 minutes. Messages are accepted and wait in its outbox.',
  },
  {
    alert: 'WhatsAppSessionFlapping',
    series: { ...connected(140), [disconnects]: '0+0x9 0+1x5 5+0x120' },
    quietAt: 12,
    firesAt: 30,
    overAt: 90,
    labels: sales,
    summary: 'WhatsApp session shop/sales loses its connection again and again',
    description:
      'shop/sales lost its connection 5 times within an hour. Each time messages wait until it is back.',
  },
  {
    alert: 'WhatsAppSessionLoggedOut',
    series: {
      ...lifeOf(SALES, ['Connected', 10], ['Pairing', 30], ['Connected', 30]),
      [unlinks]: '0+0x9 1+0x60',
    },
    quietAt: 9,
    firesAt: 13,
    overAt: 50,
    labels: sales,
    summary: 'WhatsApp session shop/sales was unlinked from its phone',
    description:
      'The phone or WhatsApp unlinked shop/sales. A person has to link it again; until then nothing leaves and nothing comes in.',
    instead: ['WhatsAppSessionPairingWaits', 'WhatsAppSessionDown'],
  },
  {
    alert: 'WhatsAppSessionPairingWaits',
    series: { ...lifeOf(SALES, ['Pairing', 40], ['Connected', 20]), [unlinks]: timeline([0, 60]) },
    quietAt: 14,
    firesAt: 20,
    overAt: 46,
    labels: sales,
    summary: 'WhatsApp session shop/sales waits to be linked',
    description:
      'shop/sales has shown a code to be linked with for more than 15 minutes, and nobody used it.',
    instead: ['WhatsAppSessionLoggedOut', 'WhatsAppSessionDown'],
  },
  {
    alert: 'WhatsAppSessionFailed',
    series: {
      ...lifeOf(SALES, ['Failed', 20], ['Connected', 20]),
      [`whatsapp_session_state_info{${SALES},state="Failed",reason="conflict"}`]: timeline(
        [1, 20],
        ['_', 20],
      ),
      [`whatsapp_session_state_info{${SALES},state="Connected",reason="progress"}`]: timeline(
        ['_', 20],
        [1, 20],
      ),
    },
    quietAt: 0,
    firesAt: 5,
    overAt: 26,
    labels: { ...sales, reason: 'conflict' },
    summary: 'WhatsApp session shop/sales has stopped: conflict',
    description:
      'shop/sales stopped for a cause that trying again would make worse (conflict), and waits for a person.',
    instead: ['WhatsAppSessionDown', 'WhatsAppWebIncompatible'],
  },
  {
    alert: 'WhatsAppWebIncompatible',
    series: Object.fromEntries(
      pods(3).map((pod) => [
        `whatsapp_session_state_info{${inShop(pod)},state="Failed",reason="page_incompatible"}`,
        timeline([1, 20], ['_', 20]),
      ]),
    ),
    quietAt: 4,
    firesAt: 10,
    overAt: 26,
    labels: { reason: 'page_incompatible' },
    summary: 'WhatsApp Web has changed: 3 sessions cannot work with it',
    description:
      '3 sessions report page_incompatible: the page that WhatsApp serves is not one that this version of the library can drive. All others will follow with their next start.',
    instead: ['WhatsAppSessionFailed'],
  },
  {
    alert: 'WhatsAppSessionRestartLimit',
    series: {
      [told('Failed', 'RestartLimitExceeded')]: timeline(['_', 5], [1, 20], ['_', 20]),
      [told('Starting', 'PodStarting')]: timeline(['_', 25], [1, 2], ['_', 18]),
    },
    quietAt: 4,
    firesAt: 5,
    overAt: 31,
    labels: sales,
    summary: 'WhatsApp session shop/sales restarted too often and was stopped',
    description:
      'The container of shop/sales used up its restart budget (spec.restarts), so the operator has stopped it. It stays so until its spec changes or somebody asks for a restart.',
    instead: ['WhatsAppSessionDown'],
  },
  {
    alert: 'WhatsAppSessionUncleanStops',
    series: { ...connected(140), [`whatsapp_session_unclean_stops_total{${SALES}}`]: '0+0x9 1+0x9 2+0x119' },
    quietAt: 15,
    firesAt: 30,
    overAt: 90,
    labels: sales,
    summary: 'WhatsApp session shop/sales is killed or crashes again and again',
    description:
      'The process of shop/sales ended 2 times within an hour without its shutdown. Nothing accepted is lost; messages in flight are checked before they are sent again.',
  },
  {
    alert: 'WhatsAppSessionMetricsMissing',
    series: {
      ...connected(60, inShop('other')),
      [told('Connected', 'Connected')]: timeline([1, 60]),
      [told('Connected', 'Connected', 'other')]: timeline([1, 60]),
      [`whatsapp_session_state{${SALES},state="Connected"}`]: timeline(['_', 30], [1, 30]),
    },
    quietAt: 14,
    firesAt: 20,
    overAt: 31,
    labels: { namespace: 'shop' },
    summary: 'Metrics of WhatsApp sessions in shop do not reach Prometheus',
    description: '1 sessions of namespace shop run and are not scraped: no other alert about them can fire.',
  },
];
