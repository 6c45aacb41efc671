import type { WhatsAppSession } from '@whatsapp-operator/api/resource';
import type { Service } from '../../kube/objects.ts';
import { childMeta, ports, selectorLabels } from '../names.ts';

/**
 * The Service. It publishes addresses that are not ready: pairing comes before Ready, and the outbox accepts messages
 * while the session is disconnected.
 */
export function buildService(session: WhatsAppSession): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: childMeta(session),
    spec: {
      selector: selectorLabels(session),
      publishNotReadyAddresses: true,
      ports: [
        { name: 'api', port: ports.api, targetPort: 'api', protocol: 'TCP' },
        { name: 'health', port: ports.health, targetPort: 'health', protocol: 'TCP' },
      ],
    },
  };
}

/** Where the session's HTTP API is found within the cluster. */
export const endpointOf = (session: WhatsAppSession): string =>
  `http://${session.metadata.name}.${session.metadata.namespace}.svc:${ports.api}`;
