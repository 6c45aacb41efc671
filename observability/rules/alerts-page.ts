import { GENERATED, table } from '../../session-pod/src/reference/markdown.ts';
import { recordingRules } from './recording.ts';
import { formatSpan, pace } from './rule.ts';
import { alertGroups } from './rule-file.ts';

/** docs/reference/alerts.md: every alert with its runbook, every recorded series. */
export function alertsPage(): string {
  const normal = pace(1);
  const alerts = alertGroups(normal)
    .flatMap(({ rules }) => rules)
    .map(({ alert, severity, forSeconds, summary }) => [
      `[${alert}](../runbooks/${alert}.md)`,
      severity,
      forSeconds === 0 ? 'at once' : formatSpan(forSeconds),
      summary.replaceAll(/\{\{[^}]*labels\.(\w+)[^}]*\}\}/g, '<$1>').replaceAll(/\{\{[^}]*\}\}/g, '<n>'),
    ]);
  const recorded = recordingRules(normal)
    .flatMap(({ rules }) => rules)
    .map(({ record, help }) => [`\`${record}\``, help]);
  return `${GENERATED}
# Alerts and recorded series

\`charts/whatsapp-operator/files/rules.yaml\` holds them for a Prometheus of any kind; the chart makes a PrometheusRule of
it. \`critical\` means that messages do not leave or are about to be given up; \`warning\` can wait until somebody works.

${table(['alert', 'severity', 'after', 'summary'], alerts)}

## Recorded series
${table(['series', 'what it is'], recorded)}
`;
}
