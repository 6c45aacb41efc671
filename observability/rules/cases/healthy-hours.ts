import { connected, counting, OPERATOR, timeline } from './alert-case.ts';

/** Six ordinary hours of three sessions and two operators, with what happens on an ordinary day. */
export const HEALTHY_MINUTES = 360;

const every = HEALTHY_MINUTES;
const GIB = 2 ** 30;
/** One disconnect each two hours, as a service that is restarted or a network that blinks brings about. */
const now_and_then = counting([0, 100], [1, 1], [0, 119], [1, 1], [0, every - 221]);

function session(pod: string): Readonly<Record<string, string>> {
  const labels = `namespace="shop",pod="${pod}"`;
  return {
    ...connected(every, labels),
    [`whatsapp_session_state_info{${labels},state="Connected",reason="progress"}`]: timeline([1, every]),
    [`whatsapp_session_disconnects_total{${labels},reason="socket_lost"}`]: now_and_then,
    [`whatsapp_engine_restarts_total{${labels},reason="browser_crashed"}`]: now_and_then,
    [`whatsapp_engine_restarts_total{${labels},reason="logged_out"}`]: timeline([0, every]),
    [`whatsapp_session_unclean_stops_total{${labels}}`]: timeline([0, every]),
    [`whatsapp_outbox_ended_total{${labels},status="sent"}`]: counting([20, every]),
    [`whatsapp_outbox_ended_total{${labels},status="unknown"}`]: timeline([0, every]),
    [`whatsapp_outbox_outcomes_total{${labels},code="not_on_whatsapp"}`]: counting([1, every]),
    [`whatsapp_outbox_outcomes_total{${labels},code="expired"}`]: timeline([0, every]),
    [`whatsapp_send_attempts_total{${labels},outcome="inserted"}`]: counting([20, every]),
    [`whatsapp_send_retries_total{${labels},reason="absent"}`]: now_and_then,
    [`whatsapp_send_ack_seconds_bucket{${labels},ack="server",le="30"}`]: counting([20, every]),
    [`whatsapp_send_ack_seconds_count{${labels},ack="server"}`]: counting([20, every]),
    [`whatsapp_outbox_messages{${labels},status="queued"}`]: `0 3 0 40 0 1 0x${every}`,
    [`whatsapp_outbox_oldest_seconds{${labels}}`]: `0 5 0 60 0 1 0x${every}`,
    [`whatsapp_outbox_accepting{${labels}}`]: timeline([1, every]),
    [`whatsapp_data_size_bytes{${labels}}`]: timeline([GIB, every]),
    [`whatsapp_data_free_bytes{${labels}}`]: `${0.7 * GIB}-10000x${every}`,
    [`whatsapp_container_memory_limit_bytes{${labels}}`]: timeline([GIB, every]),
    [`whatsapp_container_memory_working_set_bytes{${labels}}`]: timeline([0.6 * GIB, every]),
    [`whatsapp_webhook_deliveries_total{${labels},outcome="delivered"}`]: counting([20, every]),
    [`whatsapp_webhook_deliveries_total{${labels},outcome="unavailable"}`]: now_and_then,
    [`whatsapp_webhook_dead_letters_total{${labels}}`]: timeline([0, every]),
    [`whatsapp_webhook_oldest_pending_seconds{${labels}}`]: timeline([2, every]),
    [`whatsapp_inbox_events_lost_total{${labels}}`]: timeline([0, every]),
    [`whatsapp_operator_session_status{${OPERATOR},session_namespace="shop",session="${pod}",phase="Connected",reason="Connected"}`]:
      timeline([1, every]),
  };
}

function operator(labels: string, leads: number): Readonly<Record<string, string>> {
  const controller = `${labels},controller="whatsappsession"`;
  return {
    [`whatsapp_operator_build_info{${labels},version="v1"}`]: timeline([1, every]),
    [`leader_election_master_status{${labels},name="whatsapp-operator"}`]: timeline([leads, every]),
    [`controller_runtime_reconcile_total{${controller},result="success"}`]: counting([10, every]),
    [`controller_runtime_reconcile_errors_total{${controller}}`]: now_and_then,
    [`workqueue_longest_running_processor_seconds{${controller},name="whatsappsession"}`]: timeline([
      1,
      every,
    ]),
    [`rest_client_requests_total{${labels},code="200",method="GET",host="api"}`]: counting([30, every]),
    [`rest_client_requests_total{${labels},code="500",method="GET",host="api"}`]: now_and_then,
    [`whatsapp_operator_session_updates{${labels},state="refused"}`]: timeline([0, every]),
  };
}

export const healthyHours: Readonly<Record<string, string>> = {
  ...session('sales'),
  ...session('crm'),
  ...session('news'),
  // Suspended: no pod, and nobody is to be called for it.
  [`whatsapp_operator_session_status{${OPERATOR},session_namespace="shop",session="old",phase="Suspended",reason="Suspended"}`]:
    timeline([1, every]),
  ...operator(OPERATOR, 1),
  ...operator(OPERATOR.replace('op-1', 'op-2').replace('"a"', '"b"'), 0),
};
