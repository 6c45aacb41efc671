import { z } from 'zod';

/**
 * Turns zod into the structural schemas that a CRD may carry.
 *
 * Guarantees: what zod says and a structural schema can say is in the result; what a structural schema forbids
 * (references, `additionalProperties` beside `properties`, constants) is left out or refused with its path, never
 * emitted. Defaults, descriptions and CEL rules come from the zod schema alone.
 */
export type StructuralSchema = { readonly [key: string]: unknown };

/** Keywords of JSON Schema that go over as they are. */
const KEPT = [
  'type',
  'format',
  'description',
  'default',
  'enum',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'maxProperties',
  'required',
  'x-kubernetes-int-or-string',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-validations',
] as const;

/** Keywords that carry nothing a CRD needs: references and unions are refused instead. */
const DROPPED = ['$schema', 'additionalProperties', 'properties', 'propertyNames', 'items'];

/** The structural schema of a zod schema as a writer of objects sees it: fields with a default are optional. */
export function structuralSchema(schema: z.ZodType): StructuralSchema {
  return convert(z.toJSONSchema(schema, { io: 'input' }) as StructuralSchema, '$');
}

function convert(schema: StructuralSchema, path: string): StructuralSchema {
  if (schema['x-kubernetes-int-or-string'] === true) return intOrString(schema);
  const unknown = Object.keys(schema).filter(
    (key) => !(KEPT as readonly string[]).includes(key) && !DROPPED.includes(key),
  );
  if (Array.isArray(schema['type'])) unknown.push('several types');
  if (unknown.length > 0) throw new Error(`${path}: a structural schema cannot say ${unknown.join(', ')}`);
  return withFullDefault({ ...kept(schema), ...children(schema, path) });
}

/**
 * The API server judges a default by the CEL rules before it fills in what lies below, so that `{}` would break every
 * rule that looks at a field with a default: write the object out.
 */
function withFullDefault(schema: StructuralSchema): StructuralSchema {
  const properties = schema['properties'] as Readonly<Record<string, StructuralSchema>> | undefined;
  if (properties === undefined || schema['default'] === undefined) return schema;
  const defaults = Object.entries(properties).flatMap(([name, child]) =>
    child['default'] === undefined ? [] : [[name, child['default']] as const],
  );
  return { ...schema, default: { ...Object.fromEntries(defaults), ...(schema['default'] as object) } };
}

/** Only the API server's own rules can bound a value that is either a number or a text. */
function intOrString(schema: StructuralSchema): StructuralSchema {
  return {
    ...pick(schema, ['description', 'default', 'maxLength', 'x-kubernetes-validations']),
    'x-kubernetes-int-or-string': true,
  };
}

/** zod bounds every integer by what a JavaScript number holds: no bound that a person would mean. */
function kept(schema: StructuralSchema): StructuralSchema {
  const bounded = Object.entries(pick(schema, KEPT)).filter(
    ([, value]) => value !== Number.MAX_SAFE_INTEGER && value !== Number.MIN_SAFE_INTEGER,
  );
  return Object.fromEntries(bounded);
}

function children(schema: StructuralSchema, path: string): StructuralSchema {
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) return {};
  const properties = schema['properties'] as Readonly<Record<string, StructuralSchema>> | undefined;
  if (properties !== undefined) {
    return {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, child]) => [name, convert(child, `${path}.${name}`)]),
      ),
    };
  }
  const items = schema['items'];
  if (items !== undefined) return { items: convert(items as StructuralSchema, `${path}[]`) };
  const values = schema['additionalProperties'];
  if (typeof values === 'object')
    return { additionalProperties: convert(values as StructuralSchema, `${path}.*`) };
  return {};
}

const pick = (schema: StructuralSchema, keys: readonly string[]): StructuralSchema =>
  Object.fromEntries(keys.filter((key) => schema[key] !== undefined).map((key) => [key, schema[key]]));
