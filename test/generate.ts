import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { stringify } from 'yaml';
import { customResourceDefinition } from '../api/src/resource/index.ts';
import { openApiDocument } from '../api/src/session/index.ts';
import { contractTypes } from '../client/build/contract-types.ts';
import { dashboardJson } from '../observability/dashboards/dashboard.ts';
import { fleet } from '../observability/dashboards/fleet.ts';
import { operator } from '../observability/dashboards/operator.ts';
import { session } from '../observability/dashboards/session.ts';
import { metricsPage } from '../observability/metrics-page.ts';
import { alertsPage } from '../observability/rules/alerts-page.ts';
import { pace } from '../observability/rules/rule.ts';
import { ruleFile } from '../observability/rules/rule-file.ts';
import { leaderPermissions, policyRule, sessionPermissions } from '../operator/src/permissions.ts';
import { settingsPage } from '../session-pod/src/reference/settings-page.ts';

/** `make generate`: writes every generated file. With `--check` it writes nothing and fails where one differs. */

const root = new URL('..', import.meta.url).pathname;

const yaml = (value: unknown, source: string): string =>
  `# Generated from ${source} by \`make generate\`. Do not edit.\n${stringify(value, { lineWidth: 120, aliasDuplicateObjects: false })}`;

const crd = (): string => yaml(customResourceDefinition(), 'api/src/resource');
const roles = (): string =>
  yaml(
    { sessions: sessionPermissions.map(policyRule), leaderElection: leaderPermissions.map(policyRule) },
    'operator/src/permissions.ts',
  );

const generated: readonly { readonly path: string; readonly content: () => string }[] = [
  { path: 'crds/whatsapp-operator.io_whatsappsessions.yaml', content: crd },
  // Helm reads nothing from outside a chart.
  { path: 'charts/whatsapp-operator/files/crd.yaml', content: crd },
  { path: 'charts/whatsapp-operator/files/rbac.yaml', content: roles },
  {
    path: 'charts/whatsapp-operator/files/rules.yaml',
    content: () => yaml(ruleFile(pace(1)), 'observability/rules'),
  },
  ...Object.entries({ fleet, session, operator }).map(([name, dashboard]) => ({
    path: `charts/whatsapp-operator/files/dashboards/${name}.json`,
    content: () => dashboardJson(dashboard),
  })),
  { path: 'docs/reference/alerts.md', content: alertsPage },
  {
    path: 'docs/reference/openapi-session.json',
    content: () => `${JSON.stringify(openApiDocument(), null, 2)}\n`,
  },
  { path: 'client/src/generated/contract.ts', content: contractTypes },
  { path: 'docs/reference/session-pod-settings.md', content: settingsPage },
  { path: 'docs/reference/metrics.md', content: metricsPage },
];

const check = process.argv.includes('--check');
const stale: string[] = [];
for (const { path, content } of generated) {
  const file = join(root, path);
  const wanted = content();
  const found = await readFile(file, 'utf8').catch(() => undefined);
  if (found === wanted) continue;
  stale.push(path);
  if (check) continue;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, wanted);
}
for (const path of stale)
  console.log(check ? `${path} differs from its source: run make generate` : `wrote ${path}`);
if (check && stale.length > 0) process.exitCode = 1;
