import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import type { KubeClient } from '../../operator/src/kube/client.ts';
import type { KubeObject } from '../../operator/src/kube/objects.ts';
import type { Resource } from '../../operator/src/kube/resource.ts';

const crdFile = new URL('../../crds/whatsapp-operator.io_whatsappsessions.yaml', import.meta.url);

const crds: Resource<KubeObject> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
};

/**
 * Who makes it in the tests of the chart. The API server refuses a field that two managers set differently, and those
 * tests install an older version of the chart.
 */
const HELM = 'helm';

/** Creates the CRD, or brings it up to date, and waits until it is served. */
export async function applyCrd(client: KubeClient): Promise<void> {
  const crd = parse(await readFile(crdFile, 'utf8')) as KubeObject;
  await client.patch(crds, crd.metadata, { type: 'apply', body: crd }, { fieldManager: HELM });
  for (const deadline = performance.now() + 30_000; ; await sleep(200)) {
    const { status } = (await client.get(crds, crd.metadata)) as {
      readonly status?: {
        readonly conditions?: readonly { readonly type: string; readonly status: string }[];
      };
    };
    if (status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True')) return;
    if (performance.now() > deadline) throw new Error('the CRD is not established');
  }
}
