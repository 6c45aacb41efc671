import { describe, expect, it } from 'vitest';
import { crdSchemas, kindSchemas, strict, strictDefinitions } from './schemas.ts';

describe('a strict schema', () => {
  it('knows no other fields than those described, on every level', () => {
    expect(
      strict({ type: 'object', properties: { a: { type: 'array', items: { properties: { b: {} } } } } }),
    ).toEqual({
      type: 'object',
      properties: {
        a: { type: 'array', items: { properties: { b: {} }, additionalProperties: false } },
      },
      additionalProperties: false,
    });
  });

  it.each([
    ['is a map', { additionalProperties: { type: 'string' } }],
    ['has no fields described', { type: 'object' }],
    ['keeps what it does not know', { properties: {}, 'x-kubernetes-preserve-unknown-fields': true }],
  ])('stays open where the object %s', (_why, schema) => {
    expect(strict(schema)).toEqual(schema);
  });

  it('takes a field called like a keyword for a field', () => {
    expect(
      strict({ properties: { properties: { type: 'string' }, description: { type: 'string' } } }),
    ).toEqual({
      properties: { properties: { type: 'string' }, description: { type: 'string' } },
      additionalProperties: false,
    });
  });

  it('takes a port by number and by name', () => {
    expect(strict({ type: 'string', format: 'int-or-string' })).toEqual({ type: ['integer', 'string'] });
  });
});

const gvk = (group: string, version: string, kind: string) => ({
  'x-kubernetes-group-version-kind': [{ group, version, kind }],
});

describe("Kubernetes' schemas", () => {
  const definitions = strictDefinitions({
    definitions: {
      'io.k8s.api.core.v1.Pod': { properties: {}, ...gvk('', 'v1', 'Pod') },
      'io.k8s.api.apps.v1.Deployment': { properties: {}, ...gvk('apps', 'v1', 'Deployment') },
      'io.k8s.apimachinery.pkg.api.resource.Quantity': { type: 'string' },
    },
  });

  it('are one file per kind, named as kubeconform asks for them', () => {
    expect(kindSchemas(definitions)).toEqual({
      'pod-v1-v1.json': { $ref: 'definitions.json#/definitions/io.k8s.api.core.v1.Pod' },
      'deployment-apps-v1.json': { $ref: 'definitions.json#/definitions/io.k8s.api.apps.v1.Deployment' },
    });
  });

  it('take a quantity as number or text', () => {
    expect(definitions['io.k8s.apimachinery.pkg.api.resource.Quantity']).toEqual({
      type: ['number', 'string'],
    });
  });
});

describe('the schema of a custom resource', () => {
  it('has the fields that every object has, beside its own', () => {
    const [file] = Object.entries(
      crdSchemas({
        spec: {
          group: 'example.org',
          names: { kind: 'Thing' },
          versions: [
            { name: 'v1', schema: { openAPIV3Schema: { properties: { spec: { type: 'object' } } } } },
          ],
        },
      }),
    );
    expect(file).toEqual([
      'thing-example.org-v1.json',
      {
        properties: {
          spec: { type: 'object' },
          apiVersion: { const: 'example.org/v1' },
          kind: { const: 'Thing' },
          metadata: { type: 'object' },
        },
        additionalProperties: false,
      },
    ]);
  });
});
