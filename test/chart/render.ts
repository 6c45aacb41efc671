import type { KubernetesObject, V1PodSpec } from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import { runCommand } from '../machine/command.ts';

/** The chart's folder. */
export const chartFolder: string = new URL('../../charts/whatsapp-operator', import.meta.url).pathname;

/** Sets of values that between them switch on whatever the chart can make. */
export const valueSets: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  defaults: {},
  'a list of namespaces': { watchNamespaces: ['a', 'b'] },
  'the sandbox': { sandbox: { enabled: true } },
  monitoring: {
    monitoring: { prometheusOperator: 'always', labels: { release: 'stack' }, dashboards: { enabled: true } },
  },
  'everything that can be said': {
    images: {
      registry: 'registry.example.org/team',
      pullSecrets: [{ name: 'pull' }],
      operator: { tag: 'v1' },
    },
    podLabels: { team: 'sales' },
    podAnnotations: { note: 'x' },
    nodeSelector: { disk: 'ssd' },
    tolerations: [{ key: 'a', operator: 'Exists' }],
    affinity: { nodeAffinity: {} },
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: {} },
    ],
    priorityClassName: 'high',
    serviceAccount: { annotations: { a: 'b' } },
    metrics: { serviceAnnotations: { 'prometheus.io/scrape': 'true' } },
    networkPolicy: { metricsFrom: [{ podSelector: {} }] },
    sessions: {
      env: [{ name: 'TZ', value: 'Europe/Berlin' }],
      networkPolicy: { extraEgress: [{ ports: [{ port: 9000 }] }], metricsFrom: [{ podSelector: {} }] },
    },
    sandbox: { enabled: true, storage: { className: 'fast' } },
  },
};

/** What Helm makes of the chart; `namespace` is the release's. */
export async function render(
  helm: string,
  values: Readonly<Record<string, unknown>>,
  namespace = 'whatsapp-system',
): Promise<string> {
  return await runCommand(
    [helm, 'template', 'whatsapp-operator', chartFolder, '--namespace', namespace, '--values', '-'],
    { input: JSON.stringify(values) },
  );
}

/** The objects of a rendered chart. */
export const parseObjects = (text: string): readonly KubernetesObject[] =>
  parseAllDocuments(text).flatMap((document) => {
    const object = document.toJS() as KubernetesObject | null;
    return object === null ? [] : [object];
  });

/** The pods in objects: those that are some, and those that are made from a template. */
export function podSpecs(objects: readonly KubernetesObject[]): ReadonlyMap<string, V1PodSpec> {
  const found = new Map<string, V1PodSpec>();
  for (const object of objects) {
    const { spec } = object as {
      readonly spec?: { readonly template?: { readonly spec?: V1PodSpec } } & Partial<V1PodSpec>;
    };
    const name = `${object.kind} ${object.metadata?.name}`;
    if (object.kind === 'Pod') found.set(name, spec as V1PodSpec);
    else if (spec?.template?.spec?.containers !== undefined) found.set(name, spec.template.spec);
  }
  return found;
}
