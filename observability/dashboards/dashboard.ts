import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  type Dashboard as GrafanaDashboard,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { buildPanel, DATASOURCE, type Panel } from './panel.ts';

/** A dashboard: rows of panels, under the variables that they ask for. */
export interface Dashboard {
  /** Part of its address, so it never changes. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly Variable[];
  readonly rows: readonly { readonly title: string; readonly panels: readonly Panel[] }[];
}

/** Values of a label, to choose from. */
export interface Variable {
  readonly name: string;
  readonly label: string;
  readonly query: string;
  readonly choice: 'one' | 'many';
}

const TAG = 'whatsapp-operator';

export function buildDashboard({ uid, title, description, variables, rows }: Dashboard): GrafanaDashboard {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([TAG])
    .timezone('browser')
    .time({ from: 'now-6h', to: 'now' })
    .refresh('30s')
    .tooltip(DashboardCursorSync.Crosshair)
    .link(
      new DashboardLinkBuilder('WhatsApp')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .asDropdown(false)
        .includeVars(true)
        .keepTime(true),
    )
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'));
  for (const { name, label, query, choice } of variables) {
    const variable = new QueryVariableBuilder(name)
      .label(label)
      .datasource(DATASOURCE)
      .query({ query, refId: name })
      .refresh(VariableRefresh.OnTimeRangeChanged)
      .sort(VariableSort.AlphabeticalAsc);
    builder.withVariable(
      choice === 'many' ? variable.multi(true).includeAll(true).allValue('.*') : variable.multi(false),
    );
  }
  for (const { title: row, panels } of rows) {
    builder.withRow(new RowBuilder(row));
    for (const panel of panels) builder.withPanel(buildPanel(panel));
  }
  return builder.build();
}

/** As it is written to a file. */
export const dashboardJson = (dashboard: Dashboard): string =>
  `${JSON.stringify(buildDashboard(dashboard), null, 2)}\n`;
