import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  LegendDisplayMode,
  LegendPlacement,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type DashboardLink,
  DashboardLinkBuilder,
  type Panel as GrafanaPanel,
  type Threshold,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import {
  PanelBuilder as HeatmapBuilder,
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  YAxisConfigBuilder,
} from '@grafana/grafana-foundation-sdk/heatmap';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as StateTimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

/** A panel as the dashboards here describe one; Grafana's own object is made from it by {@link buildPanel}. */
export interface Panel {
  readonly kind: 'stat' | 'timeseries' | 'heatmap' | 'timeline' | 'table';
  readonly title: string;
  /** What it shows and what to make of it: every panel has one. */
  readonly description: string;
  readonly queries: readonly Query[];
  /** Grafana's name of a unit. */
  readonly unit: string;
  /** From which values on it is yellow and red. Green below, or the other way round when `good` is `high`. */
  readonly limits?: { readonly warn: number; readonly bad: number; readonly good?: 'low' | 'high' };
  /** Of 24. */
  readonly width: number;
  readonly height?: number;
  readonly max?: number;
  /** Draws series on top of each other. */
  readonly stacked?: boolean;
  /** What a click on a value opens. */
  readonly link?: { readonly title: string; readonly url: string };
}

export interface Query {
  readonly expr: string;
  readonly legend: string;
}

export const DATASOURCE = { type: 'prometheus', uid: '$datasource' } as const;

const HEIGHTS = { stat: 4, timeseries: 8, heatmap: 8, timeline: 6, table: 9 } as const;

export function buildPanel(panel: Panel): Builder<GrafanaPanel> {
  switch (panel.kind) {
    case 'stat':
      return dress(new StatBuilder(), panel);
    case 'timeseries':
      return dress(new TimeseriesBuilder(), panel)
        .fillOpacity(panel.stacked === true ? 60 : 8)
        .stacking(
          new StackingConfigBuilder().mode(panel.stacked === true ? StackingMode.Normal : StackingMode.None),
        )
        .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi))
        .legend(
          new VizLegendOptionsBuilder()
            .displayMode(LegendDisplayMode.List)
            .placement(LegendPlacement.Bottom)
            .showLegend(true),
        );
    case 'heatmap':
      return dress(new HeatmapBuilder(), panel)
        .yAxis(new YAxisConfigBuilder().unit(panel.unit))
        .color(new HeatmapColorOptionsBuilder().mode(HeatmapColorMode.Scheme).scheme('Oranges').steps(64));
    case 'timeline':
      return dress(new StateTimelineBuilder(), panel);
    case 'table':
      return dress(new TableBuilder(), panel);
  }
}

/** What every kind of panel has. */
interface Dressable<B> {
  title(title: string): B;
  description(description: string): B;
  datasource(datasource: typeof DATASOURCE): B;
  unit(unit: string): B;
  span(width: number): B;
  height(height: number): B;
  min(min: number): B;
  max(max: number): B;
  thresholds(thresholds: ThresholdsConfigBuilder): B;
  dataLinks(links: Builder<DashboardLink>[]): B;
  withTarget(target: DataqueryBuilder): B;
}

function dress<B extends Dressable<B>>(builder: B, panel: Panel): B {
  builder
    .title(panel.title)
    .description(panel.description)
    .datasource(DATASOURCE)
    .unit(panel.unit)
    .span(panel.width)
    .height(panel.height ?? HEIGHTS[panel.kind])
    .thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps(panel)));
  if (panel.kind !== 'table') builder.min(0);
  if (panel.max !== undefined) builder.max(panel.max);
  if (panel.link !== undefined)
    builder.dataLinks([new DashboardLinkBuilder(panel.link.title).url(panel.link.url)]);
  panel.queries.forEach(({ expr, legend }, index) => {
    const query = new DataqueryBuilder()
      .refId(String.fromCharCode('A'.charCodeAt(0) + index))
      .datasource(DATASOURCE)
      .expr(expr)
      .legendFormat(legend);
    if (panel.kind === 'table') query.instant().format(PromQueryFormat.Table);
    else if (panel.kind === 'stat') query.instant();
    else if (panel.kind === 'heatmap') query.range().format(PromQueryFormat.Heatmap);
    else query.range();
    builder.withTarget(query);
  });
  return builder;
}

function steps({ limits }: Panel): Threshold[] {
  if (limits === undefined) return [{ value: null, color: 'blue' }];
  const { warn, bad, good = 'low' } = limits;
  return good === 'low'
    ? [
        { value: null, color: 'green' },
        { value: warn, color: 'yellow' },
        { value: bad, color: 'red' },
      ]
    : [
        { value: null, color: 'red' },
        { value: bad, color: 'yellow' },
        { value: warn, color: 'green' },
      ];
}
