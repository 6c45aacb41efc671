import { BY_SESSION, ON_SESSION, SESSION_NAME } from './labels.ts';
import { series } from './recording.ts';
import { type Alert, DAY, HOUR, MINUTE, type Pace } from './rule.ts';

/** Sessions that are not connected, by what helps. */

/** From this share on it is not the sessions: then one alert speaks for all. */
const FLEET_SHARE = 0.3;
/** So few sessions that each can have its own. */
const FLEET_LEAST = 5;

const fleetDown = `(${series.downRatio} > ${FLEET_SHARE} and ${series.downCount} >= ${FLEET_LEAST})`;

/** States that a session fell into because the page is not what the library knows. */
const INCOMPATIBLE = 'page_incompatible|deprecated_version';

export function sessionAlerts({ span }: Pace): readonly Alert[] {
  const lately = (selector: string, window: number) => `increase(${selector}[${span(window)}])`;
  const loggedOut = `sum ${BY_SESSION} (${lately('whatsapp_engine_restarts_total{reason="logged_out"}', DAY)}) > 0.5`;
  const pairing = `max ${BY_SESSION} (max_over_time(whatsapp_session_state{state="Pairing"}[${span(5 * MINUTE)}])) == 1`;
  const disconnects = lately('whatsapp_session_disconnects_total{reason!~"requested|shutdown"}', HOUR);
  return [
    {
      alert: 'WhatsAppFleetDisconnected',
      severity: 'critical',
      forSeconds: 2 * MINUTE,
      expr: `${series.downCount} and ${fleetDown}`,
      summary: '{{ $value | printf "%.0f" }} WhatsApp sessions are down at once',
      description: `{{ with query "${series.downRatio}" }}{{ . | first | value | humanizePercentage }}{{ end }} of all sessions that should be connected are not ({{ $value | printf "%.0f" }} of them): the cause is what they share – WhatsApp itself, the network, a node, an update – and not each of them. Alerts of single sessions that are down are silent meanwhile.`,
    },
    {
      alert: 'WhatsAppSessionDown',
      severity: 'critical',
      forSeconds: 5 * MINUTE,
      expr: `${series.down} == 1 unless on () ${fleetDown}`,
      summary: `WhatsApp session ${SESSION_NAME} is down`,
      description: `${SESSION_NAME} should be connected and has not been for 5 minutes. Messages are accepted and wait in its outbox.`,
    },
    {
      alert: 'WhatsAppSessionFlapping',
      severity: 'warning',
      forSeconds: 0,
      expr: `sum ${BY_SESSION} (${disconnects}) > 4.5`,
      summary: `WhatsApp session ${SESSION_NAME} loses its connection again and again`,
      description: `${SESSION_NAME} lost its connection {{ $value | printf "%.0f" }} times within an hour. Each time messages wait until it is back.`,
    },
    {
      alert: 'WhatsAppSessionLoggedOut',
      severity: 'critical',
      forSeconds: MINUTE,
      expr: `(${pairing}) and ${ON_SESSION} (${loggedOut})`,
      summary: `WhatsApp session ${SESSION_NAME} was unlinked from its phone`,
      description: `The phone or WhatsApp unlinked ${SESSION_NAME}. A person has to link it again; until then nothing leaves and nothing comes in.`,
    },
    {
      alert: 'WhatsAppSessionPairingWaits',
      severity: 'warning',
      forSeconds: 15 * MINUTE,
      expr: `(${pairing}) unless ${ON_SESSION} (${loggedOut})`,
      summary: `WhatsApp session ${SESSION_NAME} waits to be linked`,
      description: `${SESSION_NAME} has shown a code to be linked with for more than 15 minutes, and nobody used it.`,
    },
    {
      alert: 'WhatsAppSessionFailed',
      severity: 'critical',
      forSeconds: MINUTE,
      expr: `max by (namespace, pod, reason) (whatsapp_session_state_info{state="Failed",reason!~"${INCOMPATIBLE}"}) == 1`,
      summary: `WhatsApp session ${SESSION_NAME} has stopped: {{ $labels.reason }}`,
      description: `${SESSION_NAME} stopped for a cause that trying again would make worse ({{ $labels.reason }}), and waits for a person.`,
    },
    {
      alert: 'WhatsAppWebIncompatible',
      severity: 'critical',
      forSeconds: 5 * MINUTE,
      expr: `count by (reason) (max by (namespace, pod, reason) (whatsapp_session_state_info{reason=~"${INCOMPATIBLE}"}))`,
      summary: 'WhatsApp Web has changed: {{ $value | printf "%.0f" }} sessions cannot work with it',
      description:
        '{{ $value | printf "%.0f" }} sessions report {{ $labels.reason }}: the page that WhatsApp serves is not one that this version of the library can drive. All others will follow with their next start.',
    },
    {
      alert: 'WhatsAppSessionRestartLimit',
      severity: 'critical',
      forSeconds: 0,
      expr: `max ${BY_SESSION} (${series.status}{reason="RestartLimitExceeded"}) == 1`,
      summary: `WhatsApp session ${SESSION_NAME} restarted too often and was stopped`,
      description: `The container of ${SESSION_NAME} used up its restart budget (spec.restarts), so the operator has stopped it. It stays so until its spec changes or somebody asks for a restart.`,
    },
    {
      alert: 'WhatsAppSessionUncleanStops',
      severity: 'warning',
      forSeconds: 0,
      expr: `sum ${BY_SESSION} (${lately('whatsapp_session_unclean_stops_total', HOUR)}) > 1.5`,
      summary: `WhatsApp session ${SESSION_NAME} is killed or crashes again and again`,
      description: `The process of ${SESSION_NAME} ended {{ $value | printf "%.0f" }} times within an hour without its shutdown. Nothing accepted is lost; messages in flight are checked before they are sent again.`,
    },
    {
      alert: 'WhatsAppSessionMetricsMissing',
      severity: 'warning',
      forSeconds: 15 * MINUTE,
      expr: `count by (namespace) (
  max ${BY_SESSION} (${series.status}{phase=~"Connected|Disconnected|Pairing|LoggedOut"})
  unless ${ON_SESSION} ${series.connected}
)`,
      summary: 'Metrics of WhatsApp sessions in {{ $labels.namespace }} do not reach Prometheus',
      description:
        '{{ $value | printf "%.0f" }} sessions of namespace {{ $labels.namespace }} run and are not scraped: no other alert about them can fire.',
    },
  ];
}
