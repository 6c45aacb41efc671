import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { openProgress } from '../cluster/build/progress.ts';
import { readSettings } from '../cluster/settings.ts';
import { runCommand, tryCommand } from '../machine/command.ts';
import {
  type CustomResourceDefinition,
  crdSchemas,
  type Definitions,
  definitionsFile,
  kindSchemas,
  schemaLocation,
} from '../tools/schemas.ts';
import { ensureTools, type Tools } from '../tools/tools.ts';
import { monitoringSchemas } from './monitoring-kinds.ts';
import { makeReadme, readReadme } from './readme.ts';
import { chartFolder, parseObjects, podSpecs, render, valueSets } from './render.ts';
import { restrictedProblems } from './restricted.ts';

let tools: Tools;
/** Schemas of Kubernetes' kinds and of our own, as kubeconform wants them. */
let schemas: string;

beforeAll(async () => {
  tools = await ensureTools(readSettings(process.env).cacheDir, openProgress(process.stderr));
  schemas = await mkdtemp(join(tmpdir(), 'schemas-'));
  const definitions = await readFile(tools.definitions, 'utf8');
  await writeFile(join(schemas, definitionsFile), definitions);
  const files = {
    ...kindSchemas((JSON.parse(definitions) as { readonly definitions: Definitions }).definitions),
    ...crdSchemas(
      parse(await readFile(join(chartFolder, 'files/crd.yaml'), 'utf8')) as CustomResourceDefinition,
    ),
  };
  for (const [name, schema] of Object.entries({ ...files, ...monitoringSchemas }))
    await writeFile(join(schemas, name), JSON.stringify(schema));
});
afterAll(() => rm(schemas, { recursive: true, force: true }));

/** Checks manifests against the schemas; a kind without a schema is a failure too. */
const conform = (manifests: string) =>
  tryCommand([tools.kubeconform, '-strict', '-summary', '-schema-location', schemaLocation(schemas), '-'], {
    input: manifests,
  });

describe('the chart', () => {
  it.each(['helm4', 'helm3'] as const)('has nothing that %s objects to', async (helm) => {
    const { code, stdout, stderr } = await tryCommand([tools[helm], 'lint', '--strict', chartFolder]);
    expect({ code, said: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, said: '' });
  });

  it('keeps to its own unit tests', async () => {
    const { code, stdout } = await tryCommand([tools.helmUnittest, '--color=false', chartFolder]);
    expect(code === 0 ? '' : stdout).toBe('');
    // Written down in the output, so that a suite that is not found does not pass as one that passed.
    expect(stdout).toMatch(/Tests:\s+(?!0 )\d+ passed, \d+ total/);
  });

  it('has the README that its values say', async () => {
    expect(await readReadme(), 'run make chart-readme').toBe(await makeReadme(tools.helmDocs));
  });

  it('has a schema that knows every value, and each by its type', async () => {
    const values: unknown = parse(await readFile(join(chartFolder, 'values.yaml'), 'utf8'));
    const schema = JSON.parse(await readFile(join(chartFolder, 'values.schema.json'), 'utf8')) as Schema;
    expect(undescribed(values, schema, schema, '')).toEqual([]);
  });
});

describe.each(Object.entries(valueSets))('the chart with %s', (_name, values) => {
  it('makes the same objects with Helm 4 and Helm 3', async () => {
    expect(parseObjects(await render(tools.helm3, values))).toEqual(
      parseObjects(await render(tools.helm4, values)),
    );
  });

  it("makes objects of Kubernetes' own kinds and fields", async () => {
    const { code, stdout } = await conform(await render(tools.helm4, values));
    expect({ code, said: code === 0 ? '' : stdout }).toEqual({ code: 0, said: '' });
  });

  it('makes no pod that the restricted Pod Security Standard refuses', async () => {
    const pods = podSpecs(parseObjects(await render(tools.helm4, values)));
    expect([...pods.keys()]).toContain('Deployment whatsapp-operator');
    for (const [name, spec] of pods)
      expect({ name, problems: restrictedProblems(spec) }).toEqual({ name, problems: [] });
  });

  it('makes every object in a namespace that is named', async () => {
    const objects = parseObjects(await render(tools.helm4, values));
    const nowhere = objects
      .filter(({ metadata }) => metadata?.namespace === undefined)
      .map(({ kind }) => kind);
    const clusterWide = values['watchNamespaces'] === undefined ? ['ClusterRole', 'ClusterRoleBinding'] : [];
    expect(nowhere.sort()).toEqual([...clusterWide, 'CustomResourceDefinition'].sort());
  });
});

describe('the check against schemas', () => {
  it.each([
    [
      'a field that does not exist',
      'apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {prots: []}\n',
    ],
    ['a kind that does not exist', 'apiVersion: v1\nkind: Servise\nmetadata: {name: a}\n'],
    [
      'a session with a field that does not exist',
      'apiVersion: whatsapp-operator.io/v1alpha1\nkind: WhatsAppSession\nmetadata: {name: a}\nspec: {storrage: {}}\n',
    ],
  ])('finds %s', async (_what, manifest) => {
    expect((await conform(manifest)).code).not.toBe(0);
  });
});

describe('the examples', () => {
  it('conform', async () => {
    const folder = new URL('../../examples', import.meta.url).pathname;
    const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml'));
    expect(files).toContain('minimal.yaml');
    const manifests = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
    const { code, stdout } = await conform(manifests.join('\n---\n'));
    expect({ code, said: code === 0 ? '' : stdout }).toEqual({ code: 0, said: '' });
  });
});

describe('packing the chart', () => {
  it('leaves tests and templates of documents out', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chart-'));
    try {
      await runCommand([tools.helm4, 'package', chartFolder, '--destination', folder]);
      const [file = ''] = await readdir(folder);
      const listed = await runCommand(['tar', '--list', '--gzip', '--file', join(folder, file)]);
      expect(listed).toContain('whatsapp-operator/files/crd.yaml');
      expect(listed).toContain('whatsapp-operator/templates/tests/operator.yaml');
      expect(listed).not.toMatch(/_test\.yaml|gotmpl/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: unknown;
  readonly definitions?: Readonly<Record<string, Schema>>;
}

/** Paths of values of which the schema says nothing. */
function undescribed(value: unknown, schema: Schema, root: Schema, path: string): readonly string[] {
  const at =
    schema.$ref === undefined ? schema : root.definitions?.[schema.$ref.replace('#/definitions/', '')];
  if (at === undefined) return [path];
  if (at.properties === undefined || typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const below = at.properties?.[key];
    const where = `${path}.${key}`;
    return below === undefined ? [where] : undescribed(inner, below, root, where);
  });
}
