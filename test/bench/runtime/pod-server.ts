import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Plays the API server of one kind: `pod-server.ts COUNT EVENTS`. Lists COUNT pods in pages and then, on the first
 * watch, changes them EVENTS times as fast as the reader takes it. Prints its port.
 */
const [count = 0, changes = 0] = process.argv.slice(2).map(Number);

const fieldsV1 = (depth: number): object =>
  Object.fromEntries(
    Array.from({ length: depth === 0 ? 0 : 5 }, (_, index) => [
      `f:field-${depth}-${index}`,
      fieldsV1(depth - 1),
    ]),
  );

/** A running pod of one container: about 6 KiB of JSON, more than half of them managed fields, as in clusters. */
function pod(index: number, version: number): object {
  const manager = (name: string) => ({
    manager: name,
    operation: 'Update',
    apiVersion: 'v1',
    time: '2026-01-01T00:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1: fieldsV1(3),
  });
  return {
    metadata: {
      name: `session-${index}`,
      namespace: 'bench',
      uid: `00000000-0000-0000-0000-${String(index).padStart(12, '0')}`,
      resourceVersion: String(version),
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: {
        'app.kubernetes.io/name': 'whatsapp-session',
        'whatsapp-operator.io/session': `session-${index}`,
      },
      ownerReferences: [
        {
          apiVersion: 'v1',
          kind: 'Owner',
          name: `session-${index}`,
          uid: `owner-${index}`,
          controller: true,
        },
      ],
      managedFields: [manager('whatsapp-operator'), manager('kubelet')],
    },
    spec: {
      nodeName: `node-${index % 50}`,
      containers: [
        {
          name: 'session',
          image: 'registry.example/whatsapp-session:v1.0.0',
          env: Array.from({ length: 12 }, (_, at) => ({ name: `SETTING_${at}`, value: `value ${at}` })),
          resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '1Gi' } },
          volumeMounts: [
            { name: 'data', mountPath: '/data' },
            { name: 'tmp', mountPath: '/tmp' },
          ],
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
        },
      ],
      volumes: [
        { name: 'data', persistentVolumeClaim: { claimName: `session-${index}` } },
        { name: 'tmp', emptyDir: {} },
      ],
    },
    status: {
      phase: 'Running',
      podIP: '10.0.0.1',
      conditions: ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map((type) => ({
        type,
        status: 'True',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      })),
      containerStatuses: [
        {
          name: 'session',
          ready: true,
          restartCount: 0,
          image: 'x',
          state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
        },
      ],
    },
  };
}

const server = createServer(async (request, response) => {
  const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
  response.writeHead(200, { 'content-type': 'application/json' });
  if (!query.has('watch')) {
    const from = Number(query.get('continue') ?? 0);
    const end = Math.min(count, from + Number(query.get('limit') ?? count));
    const items = Array.from({ length: end - from }, (_, index) => pod(from + index, 1));
    const metadata = { resourceVersion: '1', ...(end < count ? { continue: String(end) } : {}) };
    response.end(JSON.stringify({ metadata, items }));
    return;
  }
  for (let change = 0; change < changes; change++) {
    const object = pod(change % count, 2 + change);
    if (!response.write(`${JSON.stringify({ type: 'MODIFIED', object })}\n`)) await once(response, 'drain');
  }
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
