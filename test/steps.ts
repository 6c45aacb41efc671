/** One step of `make test`. */
export type Step =
  /** A command that is right or wrong as a whole; counts as one. */
  | (StepBase & { readonly kind: 'check' })
  /** A run of vitest, which counts its tests itself. */
  | (StepBase & { readonly kind: 'suite' });

interface StepBase {
  readonly name: string;
  /** What it makes sure of, in a few words. */
  readonly what: string;
  readonly argv: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

const suite = (name: string, what: string, config: string | undefined, environment = {}): Step => ({
  kind: 'suite',
  name,
  what,
  argv: ['vitest', 'run', ...(config === undefined ? [] : ['--config', config])],
  environment,
});

/** In this order: what is quick and tells most comes first. */
export const steps: readonly Step[] = [
  { kind: 'check', name: 'lint', what: 'format and lint', argv: ['biome', 'ci', '--error-on-warnings', '.'] },
  { kind: 'check', name: 'types', what: 'strict types', argv: ['npm', 'run', '--silent', 'types'] },
  {
    kind: 'check',
    name: 'generated',
    what: 'generated files match their sources',
    argv: ['node', 'test/generate.ts', '--check'],
  },
  suite('unit', 'unit tests, without a cluster', undefined),
  // Installs Chromium first where the machine has none.
  suite(
    'conformance',
    'the unmodified library and the phone page on the sandbox, in real Chromium',
    'sandbox/vitest.config.ts',
  ),
  // Installs Chromium first where the machine has none. Fills a filesystem of its own, which needs root.
  suite(
    'faults',
    'the session engine under every known fault, in real Chromium',
    'session-pod/test/vitest.config.ts',
  ),
  suite('client', 'client and command line on a real session pod', 'client/test/vitest.config.ts'),
  // Fetches Node 22 and Bun from the package registry.
  suite(
    'package',
    "the client's package, installed in a clean folder, and the kubectl plugin",
    'client/test/package/vitest.config.ts',
  ),
  suite('chaos', 'a session pod under kills, freezes and dead lines', 'test/chaos/vitest.config.ts'),
  // Installs Prometheus first where the machine has none.
  suite('monitoring', 'rules, dashboards and runbooks, by promtool', 'observability/vitest.config.ts'),
  // Builds Kubernetes first where it is not in the cache.
  {
    kind: 'check',
    name: 'build',
    what: "the local cluster's programs",
    argv: ['node', 'test/cluster/main.ts', 'build'],
  },
  suite(
    'chart',
    'the Helm chart, by Helm 4 and 3, its unit tests and schemas',
    'test/chart/vitest.config.ts',
  ),
  suite('images', 'the image builder at work', 'test/images/vitest.config.ts'),
  suite('lifecycle', 'the local cluster itself', 'test/e2e/lifecycle/vitest.config.ts'),
  // A cluster of its own, unless one is named: what a person does on the default one stays undisturbed.
  suite('cluster', 'workloads, network and faults on a cluster', 'test/e2e/vitest.config.ts', {
    CLUSTER: process.env['CLUSTER'] || 'test',
  }),
];

/**
 * Suites whose tests have one try: what they assert must hold on any machine at any load. In the others, browsers and a
 * whole cluster share the machine, and a test that fails is tried once more; the summary names each that needed it.
 */
const oneTry: readonly string[] = ['unit', 'chaos'];

/** How often a test of this suite may be tried again. */
export const retriesOf = (step: Step): number => (oneTry.includes(step.name) ? 0 : 1);

/** Steps about the local cluster, which somebody with CLUSTER=existing may have no machine for. */
const localOnly: readonly string[] = ['build', 'images', 'lifecycle'];

/**
 * The steps of these names in their own order; for no name all of them, with CLUSTER=existing without those that
 * are about the local cluster. Undefined when a name is unknown.
 */
export function chooseSteps(
  names: readonly string[],
  cluster: string | undefined,
): readonly Step[] | undefined {
  if (names.some((name) => !steps.some((step) => step.name === name))) return undefined;
  if (names.length > 0) return steps.filter((step) => names.includes(step.name));
  return cluster === 'existing' ? steps.filter((step) => !localOnly.includes(step.name)) : steps;
}
