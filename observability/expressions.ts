import { buildDashboard, type Dashboard } from './dashboards/dashboard.ts';
import { fleet } from './dashboards/fleet.ts';
import { operator } from './dashboards/operator.ts';
import { session } from './dashboards/session.ts';

/** Every expression of every panel, as Grafana would ask for it. */
export interface PanelExpression {
  readonly dashboard: string;
  readonly panel: string;
  readonly expr: string;
}

export const dashboards: readonly Dashboard[] = [fleet, session, operator];

/** What the variables of a dashboard and of Grafana itself stand for. */
export interface Choice {
  readonly namespace: string;
  readonly session: string;
  readonly operator: string;
  readonly rateInterval: string;
}

export function panelExpressions(choice: Choice): readonly PanelExpression[] {
  const values: Readonly<Record<string, string>> = {
    $namespace: choice.namespace,
    $session: choice.session,
    $operator: choice.operator,
    $__rate_interval: choice.rateInterval,
  };
  return dashboards.flatMap((dashboard) =>
    grafanaPanels(dashboard).flatMap(({ title = '', targets = [] }) =>
      targets.map(({ expr }) => ({
        dashboard: dashboard.title,
        panel: title,
        expr: expr.replaceAll(/\$\w+/g, (name) => values[name] ?? name),
      })),
    ),
  );
}

/** A panel in Grafana's JSON, as far as checks look at it. */
export interface GrafanaPanel {
  readonly type: string;
  readonly title?: string;
  readonly description?: string;
  readonly targets?: readonly { readonly expr: string }[];
  readonly fieldConfig?: {
    readonly defaults?: {
      readonly unit?: string;
      readonly thresholds?: { readonly steps: readonly unknown[] };
    };
  };
  readonly gridPos?: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
}

/** From the JSON that is written down, not from what it is made of. */
export const grafanaPanels = (dashboard: Dashboard): readonly GrafanaPanel[] =>
  (
    JSON.parse(JSON.stringify(buildDashboard(dashboard))) as { readonly panels: readonly GrafanaPanel[] }
  ).panels.filter(({ type }) => type !== 'row');
