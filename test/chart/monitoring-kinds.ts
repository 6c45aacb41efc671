import { type JsonSchema, schemaFile, strict } from '../tools/schemas.ts';

/**
 * Schemas of the Prometheus operator's kinds, as far as the chart uses them: they are not Kubernetes' own, and their
 * full ones come with no package. From its API reference, monitoring.coreos.com/v1.
 */

const text: JsonSchema = { type: 'string' };
const texts: JsonSchema = { type: 'object', additionalProperties: text };
const object = (
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[] = [],
): JsonSchema => ({
  type: 'object',
  properties,
  ...(required.length === 0 ? {} : { required }),
});
const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items, minItems: 1 });

const duration: JsonSchema = {
  type: 'string',
  pattern: '^(0|(([0-9]+)y)?(([0-9]+)w)?(([0-9]+)d)?(([0-9]+)h)?(([0-9]+)m)?(([0-9]+)s)?(([0-9]+)ms)?)$',
};
const endpoint = object({ port: text, path: text, interval: duration }, ['port']);
const selector = object({ matchLabels: texts }, ['matchLabels']);
const namespaces = object({ any: { type: 'boolean' }, matchNames: list(text) });
const rule = object(
  { alert: text, record: text, expr: text, for: duration, labels: texts, annotations: texts },
  ['expr'],
);

const specs: Readonly<Record<string, JsonSchema>> = {
  PodMonitor: object({ selector, namespaceSelector: namespaces, podMetricsEndpoints: list(endpoint) }, [
    'selector',
    'podMetricsEndpoints',
  ]),
  ServiceMonitor: object({ selector, namespaceSelector: namespaces, endpoints: list(endpoint) }, [
    'selector',
    'endpoints',
  ]),
  PrometheusRule: object(
    { groups: list(object({ name: text, interval: duration, rules: list(rule) }, ['name', 'rules'])) },
    ['groups'],
  ),
};

/** By the file names that kubeconform asks for. */
export const monitoringSchemas: Readonly<Record<string, unknown>> = Object.fromEntries(
  Object.entries(specs).map(([kind, spec]) => [
    schemaFile('monitoring.coreos.com', 'v1', kind),
    strict(
      object(
        {
          apiVersion: text,
          kind: text,
          metadata: object({ name: text, namespace: text, labels: texts, annotations: texts }),
          spec,
        },
        ['spec'],
      ),
    ),
  ]),
);
