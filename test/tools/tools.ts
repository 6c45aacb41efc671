import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPrograms, programsToBuild } from '../cluster/build/build.ts';
import type { ProgramSet } from '../cluster/build/program-set.ts';
import { clusterPrograms, kubernetesVersion, staticBuild } from '../cluster/build/programs.ts';
import type { Progress } from '../cluster/build/progress.ts';
import { oldestGo } from '../cluster/preflight/requirements.ts';
import { runCommand, tryCommand } from '../machine/command.ts';
import { Failure } from '../machine/failure.ts';
import { definitionsFile, strictDefinitions } from './schemas.ts';

/** The version of Helm 3 that go.mod pins; stamped into the binary, which else calls itself something else. */
const helm3Version = 'v3.22.0';
const [, kubernetesMinor = ''] = kubernetesVersion.split('.');

/** Helm 4 alone, as the cluster builds it, for machines that have no need of the rest. */
const helm4: ProgramSet = {
  ...clusterPrograms,
  programs: clusterPrograms.programs.filter(({ name }) => name === 'helm'),
  name: 'helm4',
  purpose: 'Helm 4',
  firstBuild: 'some two minutes',
  files: [],
};

/** What checks and documents the chart. */
const chartPrograms: ProgramSet = {
  name: 'tools',
  purpose: "the chart's tools",
  moduleDir: import.meta.dirname,
  programs: [
    { name: 'helm3', package: 'helm.sh/helm/v3/cmd/helm', expectedSeconds: 77 },
    {
      name: 'helm-unittest',
      package: 'github.com/helm-unittest/helm-unittest/cmd/helm-unittest',
      expectedSeconds: 3,
    },
    { name: 'kubeconform', package: 'github.com/yannh/kubeconform/cmd/kubeconform', expectedSeconds: 1 },
    { name: 'helm-docs', package: 'github.com/norwoodj/helm-docs/cmd/helm-docs', expectedSeconds: 2 },
  ],
  flags: [
    '-trimpath',
    `-ldflags=-s -w -X helm.sh/helm/v3/internal/version.version=${helm3Version} ${[
      'helm.sh/helm/v3/pkg/chartutil',
      'helm.sh/helm/v3/pkg/lint/rules',
    ]
      .map((path) => `-X ${path}.k8sVersionMajor=1 -X ${path}.k8sVersionMinor=${kubernetesMinor}`)
      .join(' ')}`,
  ],
  environment: staticBuild,
  firstBuild: 'some two minutes',
  files: [{ name: definitionsFile, make: readDefinitions }],
};

/** Where the tools are. */
export interface Tools {
  readonly helm4: string;
  readonly helm3: string;
  readonly helmUnittest: string;
  readonly kubeconform: string;
  readonly helmDocs: string;
  /** The definitions of Kubernetes' own kinds (schemas.ts). */
  readonly definitions: string;
}

/**
 * Builds what is missing of the chart's tools into the cache and says where they are. Needs Go only where something
 * is left to build.
 *
 * @throws Failure `no_go`, and those of buildPrograms.
 */
export async function ensureTools(cacheDir: string, progress: Progress): Promise<Tools> {
  // Where the cluster's programs are there, Helm 4 is among them.
  const helmSet = programsToBuild(clusterPrograms, cacheDir) === 0 ? clusterPrograms : helm4;
  const left = programsToBuild(chartPrograms, cacheDir) + programsToBuild(helmSet, cacheDir);
  if (left > 0) await requireGo();
  const helmDir = await buildPrograms(helmSet, cacheDir, progress);
  const dir = await buildPrograms(chartPrograms, cacheDir, progress);
  return {
    helm4: join(helmDir, 'helm'),
    helm3: join(dir, 'helm3'),
    helmUnittest: join(dir, 'helm-unittest'),
    kubeconform: join(dir, 'kubeconform'),
    helmDocs: join(dir, 'helm-docs'),
    definitions: join(dir, definitionsFile),
  };
}

async function requireGo(): Promise<void> {
  const remedy = `install Go ${oldestGo.major}.${oldestGo.minor} or newer; it fetches the one that go.mod asks for`;
  const version = await tryCommand(['go', 'env', 'GOVERSION'], { cwd: '/' }).catch((cause: unknown) => {
    throw new Failure('no_go', "there is no Go, which builds the chart's tools", { remedy, cause });
  });
  const [major = 0, minor = 0] = version.stdout.trim().replace(/^go/, '').split('.').map(Number);
  if (major < oldestGo.major || (major === oldestGo.major && minor < oldestGo.minor)) {
    throw new Failure('no_go', `Go is ${version.stdout.trim()}`, { remedy });
  }
}

/** Kubernetes publishes the schemas of its kinds in its own module, at the version that the cluster runs. */
async function readDefinitions(): Promise<string> {
  const cwd = clusterPrograms.moduleDir;
  const answer = await runCommand(['go', 'mod', 'download', '-json', 'k8s.io/kubernetes'], { cwd });
  const { Dir: dir } = JSON.parse(answer) as { readonly Dir: string };
  const file = join(dir, 'api/openapi-spec/swagger.json');
  if (!existsSync(file)) throw new Failure('no_schemas', `the module of Kubernetes has no ${file}`);
  const swagger = JSON.parse(readFileSync(file, 'utf8')) as Parameters<typeof strictDefinitions>[0];
  return JSON.stringify({ definitions: strictDefinitions(swagger) });
}
