import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import {
  customResourceDefinition,
  durationMs,
  KIND,
  quantityValue,
  readyReasons,
  sessionSpec,
} from './index.ts';
import { structuralSchema } from './structural.ts';

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
  readonly default?: unknown;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-validations'?: readonly { readonly message: string }[];
}

const rootSchema = () => {
  const { spec } = customResourceDefinition() as {
    spec: { versions: readonly { schema: { openAPIV3Schema: Schema } }[] };
  };
  return spec.versions[0]?.schema.openAPIV3Schema ?? {};
};

/** Every schema of the CRD by its path. */
function* walk(schema: Schema, path: string): Generator<readonly [string, Schema]> {
  yield [path, schema];
  for (const [name, child] of Object.entries(schema.properties ?? {})) yield* walk(child, `${path}.${name}`);
  if (schema.items !== undefined) yield* walk(schema.items, `${path}[]`);
  if (schema.additionalProperties !== undefined) yield* walk(schema.additionalProperties, `${path}{}`);
}
const all = () => [...walk(rootSchema(), '')];

describe('the CRD', () => {
  it('describes every field, so that `kubectl explain` is complete', () => {
    const silent = all().filter(([path, { description }]) => {
      const isValue = path.endsWith('{}') || (path.endsWith('[]') && path.endsWith('args[]'));
      return !isValue && path !== '.metadata' && !description;
    });
    expect(silent.map(([path]) => path)).toEqual([]);
  });

  it('is structural: every value has a type', () => {
    const untyped = all().filter(
      ([, schema]) => schema.type === undefined && !schema['x-kubernetes-int-or-string'],
    );
    expect(untyped.map(([path]) => path)).toEqual([]);
  });

  it('has a message for every rule', () => {
    for (const [path, schema] of all())
      for (const { message } of schema['x-kubernetes-validations'] ?? []) expect(message, path).toBeTruthy();
  });

  it('holds the same defaults as the code', () => {
    expect(rootSchema().properties?.['spec']?.default).toEqual(sessionSpec.parse({}));
  });

  it('stays small: the API server pays for its size with every write', () => {
    expect(JSON.stringify(customResourceDefinition()).length).toBeLessThan(40_000);
  });
});

test.each([
  ['several types', z.union([z.string(), z.boolean()])],
  ['anyOf', z.union([z.object({}), z.string()])],
  ['const', z.literal('a')],
  ['prefixItems', z.tuple([z.string()])],
])('what a structural schema cannot say is refused with its path: %s', (said, schema) => {
  expect(() => structuralSchema(z.object({ a: schema }))).toThrow(new RegExp(`^\\$\\.a: .*${said}`));
});

test('reasons are there once', () => {
  expect(new Set(readyReasons).size).toBe(readyReasons.length);
});

test.each([
  ['300ms', 300],
  ['1h30m', 5_400_000],
  ['0s', 0],
  ['5y', Number.NaN],
  ['', Number.NaN],
  ['-1s', Number.NaN],
])('%j is a duration of %j ms', (text, ms) => {
  expect(durationMs(text)).toBe(ms);
});

test.each([
  ['1Gi', 2 ** 30],
  ['250m', 0.25],
  ['1.5k', 1500],
  [3, 3],
  ['1GiB', Number.NaN],
  ['-1', Number.NaN],
])('%j is a quantity of %j', (quantity, value) => {
  expect(quantityValue(quantity)).toBe(value);
});

test('no text makes the readers of durations and quantities throw', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(typeof durationMs(text)).toBe('number');
      expect(typeof quantityValue(text)).toBe('number');
    }),
  );
});

const examples = join(import.meta.dirname, '../../../examples');
test.each(readdirSync(examples).filter((name) => name.endsWith('.yaml')))(
  'the example %s is valid',
  (name) => {
    const documents = parseAllDocuments(readFileSync(join(examples, name), 'utf8')).map((document) =>
      document.toJS(),
    );
    const sessions = documents.filter(({ kind }) => kind === KIND);
    expect(sessions.length).toBeGreaterThan(0);
    for (const { spec } of sessions) sessionSpec.parse(spec);
  },
);
