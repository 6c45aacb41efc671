import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { tryCommand } from '../../test/machine/command.ts';
import { ensurePrometheus } from '../../test/machine/prometheus.ts';
import type { AlertCase } from './cases/alert-case.ts';
import { deliveryCases } from './cases/delivery-cases.ts';
import { HEALTHY_MINUTES, healthyHours } from './cases/healthy-hours.ts';
import { operatorCases } from './cases/operator-cases.ts';
import { resourceCases } from './cases/resource-cases.ts';
import { sessionCases } from './cases/session-cases.ts';
import { pace } from './rule.ts';
import { allAlerts, RUNBOOK_URL, ruleFile } from './rule-file.ts';

/** The rules as Prometheus' own tool sees them: what it objects to, and what they do over hours. */

const cases = [...sessionCases, ...deliveryCases, ...resourceCases, ...operatorCases];
const alerts = allAlerts(pace(1));
let promtool: string;
let folder: string;

beforeAll(async () => {
  ({ promtool } = await ensurePrometheus(console.error));
  folder = await mkdtemp(join(tmpdir(), 'rules-'));
  await writeFile(join(folder, 'rules.yaml'), stringify(ruleFile(pace(1)), { lineWidth: 0 }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Expectation {
  readonly alert: string;
  readonly minute: number;
  readonly firing: readonly object[];
}

/** Runs a promtool test and gives what it objects to. */
async function objections(
  name: string,
  series: Readonly<Record<string, string>>,
  expectations: readonly Expectation[],
): Promise<string> {
  const file = join(folder, `${name.replaceAll(/\W/g, '-')}.yaml`);
  const test = {
    rule_files: ['rules.yaml'],
    // Without it the order is drawn, and an alert may see the recorded series of a minute before.
    group_eval_order: ruleFile(pace(1)).groups.map(({ name: group }) => group),
    evaluation_interval: '1m',
    tests: [
      {
        interval: '1m',
        input_series: Object.entries(series).map(([each, values]) => ({ series: each, values })),
        alert_rule_test: expectations.map(({ alert, minute, firing }) => ({
          alertname: alert,
          eval_time: `${minute}m`,
          exp_alerts: firing,
        })),
      },
    ],
  };
  await writeFile(file, stringify(test, { lineWidth: 0 }));
  const { code, stdout, stderr } = await tryCommand([promtool, 'test', 'rules', file]);
  return code === 0 ? '' : `${stdout}${stderr}`;
}

const firing = ({ alert, labels, summary, description }: AlertCase): object => ({
  exp_labels: { ...labels, severity: alerts.find((each) => each.alert === alert)?.severity },
  exp_annotations: { summary, description, runbook_url: `${RUNBOOK_URL}${alert}` },
});

describe('the rules', () => {
  it.each([1, 60])('are rules at a pace of %i', async (times) => {
    const file = join(folder, `pace-${times}.yaml`);
    await writeFile(file, stringify(ruleFile(pace(times)), { lineWidth: 0 }));
    const { code, stdout, stderr } = await tryCommand([promtool, 'check', 'rules', file]);
    expect({ code, said: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, said: '' });
  });

  it('have a life in which it fires for every alert, and a name once each', () => {
    expect(new Set(cases.map(({ alert }) => alert))).toEqual(new Set(alerts.map(({ alert }) => alert)));
    expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length);
  });
});

describe('an alert', () => {
  it.each(cases.map((each, index) => [each.alert, index, each] as const))(
    '%s (%i) waits, fires with its numbers, and is over',
    async (name, index, each) => {
      const expectations: Expectation[] = [
        { alert: name, minute: each.quietAt, firing: [] },
        { alert: name, minute: each.firesAt, firing: [firing(each)] },
        { alert: name, minute: each.overAt, firing: [] },
        ...(each.instead ?? []).map((alert) => ({ alert, minute: each.firesAt, firing: [] })),
      ];
      expect(await objections(`${name}-${index}`, each.series, expectations)).toBe('');
    },
  );
});

describe('in six healthy hours', () => {
  it('nothing fires', async () => {
    const minutes = Array.from({ length: HEALTHY_MINUTES / 10 }, (_, n) => n * 10);
    const expectations = alerts.flatMap(({ alert }) =>
      minutes.map((minute) => ({ alert, minute, firing: [] })),
    );
    expect(await objections('healthy', healthyHours, expectations)).toBe('');
  });

  it('something would, if they were not healthy', async () => {
    const ill = {
      ...healthyHours,
      'whatsapp_outbox_accepting{namespace="shop",pod="sales"}': `0x${HEALTHY_MINUTES}`,
    };
    const said = await objections('ill', ill, [{ alert: 'WhatsAppOutboxRefusing', minute: 60, firing: [] }]);
    expect(said).toContain('WhatsAppOutboxRefusing');
  });
});
