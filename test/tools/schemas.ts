/**
 * JSON schemas for kubeconform out of what Kubernetes and our own resource publish, so that manifests are checked
 * without a cluster and without fetching anything.
 *
 * Stricter than the API server: a field that no schema knows is an error, which is how typing mistakes show.
 */

export type JsonSchema = { readonly [key: string]: unknown };

/** Definitions by name, as `swagger.json` of Kubernetes has them. */
export type Definitions = Readonly<Record<string, JsonSchema>>;

/**
 * The file that kubeconform asks for by `{{.ResourceKind}}-{{.Group}}-{{.ResourceAPIVersion}}.json`. What stands
 * before the slash of an apiVersion is the group to it, and for the core group there is only the version.
 */
export const schemaFile = (group: string, version: string, kind: string): string =>
  `${kind.toLowerCase()}-${group || version}-${version}.json`;

/** kubeconform's name for a place with such files. */
export const schemaLocation = (folder: string): string =>
  `${folder}/{{.ResourceKind}}-{{.Group}}-{{.ResourceAPIVersion}}.json`;

/** The file beside the kinds that holds what they share. */
export const definitionsFile = 'definitions.json';

const isObject = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Closes objects against unknown fields, and says "number or text" the way JSON schema does. Drops descriptions. */
export function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (!isObject(schema)) return schema;
  if (schema['format'] === 'int-or-string' || schema['x-kubernetes-int-or-string'] === true) {
    return { type: ['integer', 'string'] };
  }
  const { description: _description, ...rest } = schema;
  const inner = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [
      key,
      key === 'properties' ? strictEach(value) : strict(value),
    ]),
  );
  const open =
    rest['properties'] === undefined ||
    rest['additionalProperties'] !== undefined ||
    rest['x-kubernetes-preserve-unknown-fields'] === true;
  return open ? inner : { ...inner, additionalProperties: false };
}

/** Fields by their names, which may be called like a keyword of the schema. */
const strictEach = (properties: unknown): unknown =>
  isObject(properties)
    ? Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, strict(value)]))
    : properties;

/** The shared definitions of Kubernetes' swagger.json, made strict. */
export function strictDefinitions(swagger: { readonly definitions: Definitions }): Definitions {
  const made = strictEach(swagger.definitions) as Record<string, JsonSchema>;
  // Written as text, read as either: `cpu: 1` is as good as `cpu: "1"`.
  made['io.k8s.apimachinery.pkg.api.resource.Quantity'] = { type: ['number', 'string'] };
  return made;
}

/** One small schema per kind, by file name, that refers to the definitions beside it. */
export function kindSchemas(definitions: Definitions): Readonly<Record<string, JsonSchema>> {
  const files: Record<string, JsonSchema> = {};
  for (const [name, definition] of Object.entries(definitions)) {
    const kinds = definition['x-kubernetes-group-version-kind'] as readonly GroupVersionKind[] | undefined;
    // Those with many kinds (Status, DeleteOptions) are no manifests.
    if (kinds?.length !== 1) continue;
    for (const { group, version, kind } of kinds) {
      files[schemaFile(group, version, kind)] = { $ref: `${definitionsFile}#/definitions/${name}` };
    }
  }
  return files;
}

interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** The part of a CustomResourceDefinition that its objects have to obey. */
export interface CustomResourceDefinition {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: JsonSchema };
    }[];
  };
}

/** The schemas of a custom resource, one per version, by file name. */
export function crdSchemas({ spec }: CustomResourceDefinition): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(
    spec.versions.map(({ name, schema }) => {
      const closed = strict(schema.openAPIV3Schema) as JsonSchema;
      const properties = {
        ...(closed['properties'] as JsonSchema),
        apiVersion: { const: `${spec.group}/${name}` },
        kind: { const: spec.names.kind },
        metadata: { type: 'object' },
      };
      return [schemaFile(spec.group, name, spec.names.kind), { ...closed, properties }];
    }),
  );
}
