import { deliveryAlerts } from './delivery-alerts.ts';
import { operatorAlerts } from './operator-alerts.ts';
import { recordingRules } from './recording.ts';
import { resourceAlerts } from './resource-alerts.ts';
import { type Alert, formatSpan, type Pace, type RecordingRule, type RuleGroup } from './rule.ts';
import { sessionAlerts } from './session-alerts.ts';
import { webhookAlerts } from './webhook-alerts.ts';

/** The rules as Prometheus reads them: one file, for the chart's PrometheusRule and for those without its operator. */

/** Where runbooks are read; the chart can put another address in its place. */
export const RUNBOOK_URL = 'https://whatsapp-operator.io/runbooks/';

export interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly object[] }[];
}

export function alertGroups(at: Pace): readonly RuleGroup<Alert>[] {
  return [
    { name: 'whatsapp-session-alerts', rules: sessionAlerts(at) },
    { name: 'whatsapp-delivery-alerts', rules: deliveryAlerts(at) },
    { name: 'whatsapp-webhook-alerts', rules: webhookAlerts(at) },
    { name: 'whatsapp-resource-alerts', rules: resourceAlerts(at) },
    { name: 'whatsapp-operator-alerts', rules: operatorAlerts(at) },
  ];
}

export const allAlerts = (at: Pace): readonly Alert[] => alertGroups(at).flatMap(({ rules }) => rules);

export const ruleFile = (at: Pace): RuleFile => ({
  groups: [
    ...recordingRules(at).map(({ name, rules }) => ({ name, rules: rules.map(recordingEntry) })),
    ...alertGroups(at).map(({ name, rules }) => ({ name, rules: rules.map((rule) => alertEntry(rule, at)) })),
  ],
});

const recordingEntry = ({ record, expr }: RecordingRule): object => ({ record, expr });

const alertEntry = (
  { alert, severity, forSeconds, expr, summary, description }: Alert,
  { limit }: Pace,
): object => ({
  alert,
  expr,
  ...(forSeconds === 0 ? {} : { for: formatSpan(limit(forSeconds)) }),
  labels: { severity },
  annotations: { summary, description, runbook_url: `${RUNBOOK_URL}${alert}` },
});
