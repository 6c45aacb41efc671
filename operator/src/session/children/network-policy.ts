import type { WhatsAppSession } from '@whatsapp-operator/api/resource';
import type { NetworkPolicy, NetworkPolicyPeer } from '../../kube/objects.ts';
import { childMeta, ports, selectorLabels } from '../names.ts';
import type { NetworkSettings } from '../session-settings.ts';

/**
 * What may reach a session, and what it may reach: its API from where the operator's settings say, its health port
 * from the operator and monitoring, and outwards DNS, HTTPS and the addresses that the settings add. A proxy listens
 * on any port: with one, every port is open outwards except to what metadata services of clouds listen on.
 */
export function buildNetworkPolicy(session: WhatsAppSession, settings: NetworkSettings): NetworkPolicy {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: childMeta(session),
    spec: {
      podSelector: { matchLabels: selectorLabels(session) },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [...ingress(settings.apiFrom, ports.api), ...ingress(settings.healthFrom, ports.health)],
      egress: [
        {
          ports: [
            { port: 53, protocol: 'UDP' },
            { port: 53, protocol: 'TCP' },
          ],
        },
        { to: clusterDns },
        {
          to: everywhereButMetadata,
          ports: session.spec.proxy === undefined ? https : [{ port: 1, endPort: 65535, protocol: 'TCP' }],
        },
        ...settings.extraEgress,
      ],
    },
  };
}

/** In a policy an empty list of sources means everybody; here it means nobody. */
function ingress(from: readonly NetworkPolicyPeer[] | undefined, port: number) {
  const onPort = [{ port, protocol: 'TCP' as const }];
  if (from === undefined) return [{ ports: onPort }];
  return from.length === 0 ? [] : [{ from, ports: onPort }];
}

/** A policy sees the port of the pod behind the Service, and DNS servers that are not root listen above 1024. */
const clusterDns: readonly NetworkPolicyPeer[] = [
  {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
    podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
  },
];

const https = [{ port: 443, protocol: 'TCP' as const }];

/** A browser that runs a stranger's page has no business with the credentials of the machine. */
const everywhereButMetadata: readonly NetworkPolicyPeer[] = [
  { ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.0.0/16'] } },
  { ipBlock: { cidr: '::/0', except: ['fe80::/10', 'fd00:ec2::254/128'] } },
];
