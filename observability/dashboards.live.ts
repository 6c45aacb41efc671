import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { tryCommand } from '../test/machine/command.ts';
import { ensurePrometheus } from '../test/machine/prometheus.ts';
import { operatorMetrics, processMetrics, seriesNames, sessionMetrics } from './catalogue.ts';
import { buildDashboard } from './dashboards/dashboard.ts';
import { dashboards, grafanaPanels, panelExpressions } from './expressions.ts';
import { seriesIn } from './promql.ts';
import { recordingRules } from './rules/recording.ts';
import { pace } from './rules/rule.ts';
import { allAlerts } from './rules/rule-file.ts';

/** Dashboards and rules against the metrics that there are. */

const recorded = recordingRules(pace(1)).flatMap(({ rules }) => rules);
const known = new Set([
  ...seriesNames([...sessionMetrics(), ...operatorMetrics(), ...processMetrics()]),
  ...recorded.map(({ record }) => record),
]);
const expressions = panelExpressions({
  namespace: 'shop',
  session: 'sales',
  operator: 'ops',
  rateInterval: '5m',
});

it('every expression of every panel is PromQL', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'panels-'));
  try {
    const file = join(folder, 'panels.yaml');
    const rules = expressions.map(({ expr }, index) => ({ record: `panel:${index}`, expr }));
    await writeFile(file, stringify({ groups: [{ name: 'panels', rules }] }, { lineWidth: 0 }));
    const { promtool } = await ensurePrometheus(console.error);
    const { code, stdout, stderr } = await tryCommand([promtool, 'check', 'rules', file]);
    expect({ code, said: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, said: '' });
    expect(stdout).toContain(`${expressions.length} rules found`);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it.each([
  ...expressions.map(({ dashboard, panel, expr }) => [`${dashboard}: ${panel}`, expr] as const),
  ...recorded.map(({ record, expr }) => [record, expr] as const),
  ...allAlerts(pace(1)).map(({ alert, expr }) => [alert, expr] as const),
])('%s asks only for series that exist', (_name, expr) => {
  expect(expr).not.toMatch(/\$[a-z_]/);
  const names = seriesIn(expr);
  expect(names.length).toBeGreaterThan(0);
  expect(names.filter((name) => !known.has(name))).toEqual([]);
});

it.each(dashboards.map((dashboard) => [dashboard.title, dashboard] as const))(
  '%s says of each panel what it shows, in which unit, from which values on it is bad',
  (_title, dashboard) => {
    const panels = grafanaPanels(dashboard);
    expect(panels.length).toBeGreaterThan(9);
    for (const { title, description, fieldConfig, targets } of panels) {
      expect({ title, length: (description ?? '').length > 20 }).toEqual({ title, length: true });
      expect(fieldConfig?.defaults?.unit, title).toBeTruthy();
      expect(fieldConfig?.defaults?.thresholds?.steps.length, title).toBeGreaterThan(0);
      expect(targets?.length, title).toBeGreaterThan(0);
    }
  },
);

it.each(dashboards.map((dashboard) => [dashboard.title, dashboard] as const))(
  '%s has panels that do not overlap and fit the width',
  (_title, dashboard) => {
    const taken = new Set<string>();
    for (const { title, gridPos } of grafanaPanels(dashboard)) {
      const { x = 0, y = 0, w = 0, h = 0 } = gridPos ?? {};
      expect(x + w, title).toBeLessThanOrEqual(24);
      for (let column = x; column < x + w; column += 1)
        for (let row = y; row < y + h; row += 1) {
          expect(taken.has(`${column},${row}`), `${title} at ${column},${row}`).toBe(false);
          taken.add(`${column},${row}`);
        }
    }
  },
);

it('links lead to dashboards that there are, and addresses are their own', () => {
  const uids = dashboards.map(({ uid }) => uid);
  expect(new Set(uids).size).toBe(uids.length);
  const text = JSON.stringify(dashboards.map(buildDashboard));
  for (const [, uid] of text.matchAll(/\/d\/([\w-]+)/g)) expect(uids).toContain(uid);
});
