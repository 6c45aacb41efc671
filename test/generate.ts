import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { customResourceDefinition } from '../api/src/resource/index.ts';
import { leaderPermissions, policyRule, sessionPermissions } from '../operator/src/permissions.ts';

/**
 * Writes the files that are made from sources: one row each. With `--check` it writes nothing, and fails when a file
 * is not what its sources say.
 */
const root = join(import.meta.dirname, '..');

interface GeneratedFile {
  /** Relative to the root of the checkout. */
  readonly path: string;
  readonly make: () => string;
}

const yaml = (value: unknown, source: string): string =>
  `# Generated from ${source} by \`make generate\`. Do not edit.\n${stringify(value, { lineWidth: 120, aliasDuplicateObjects: false })}`;

const files: readonly GeneratedFile[] = [
  {
    path: 'crds/whatsapp-operator.io_whatsappsessions.yaml',
    make: () => yaml(customResourceDefinition(), 'api/src/resource'),
  },
  // Helm reads nothing from outside a chart.
  {
    path: 'charts/whatsapp-operator/files/crd.yaml',
    make: () => yaml(customResourceDefinition(), 'api/src/resource'),
  },
  {
    path: 'charts/whatsapp-operator/files/rbac.yaml',
    make: () =>
      yaml(
        { sessions: sessionPermissions.map(policyRule), leaderElection: leaderPermissions.map(policyRule) },
        'operator/src/permissions.ts',
      ),
  },
];

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

const check = process.argv.includes('--check');
for (const { path, make } of files) {
  const target = join(root, path);
  const wanted = make();
  if (read(target) === wanted) continue;
  if (check) {
    console.error(`${path} is not what its sources say: make generate`);
    process.exitCode = 1;
    continue;
  }
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, wanted);
  console.log(`wrote ${path}`);
}
