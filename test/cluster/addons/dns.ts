import type { KubernetesObject } from '@kubernetes/client-node';
import type { Cluster } from '../cluster.ts';
import { corednsImage } from './system-images.ts';

const namespace = 'kube-system';
const labels = { 'k8s-app': 'kube-dns' };

/**
 * Names under cluster.local and addresses are answered from the API server. Any other name does not exist, which
 * is said at once: pods reach nothing outside, and a resolver that waits would only slow their errors down. Two
 * blocks, because in one the template would answer before the kubernetes plugin is asked.
 */
const corefile = `cluster.local:1053 in-addr.arpa:1053 {
  errors
  health
  ready
  prometheus :9153
  kubernetes cluster.local in-addr.arpa {
    pods insecure
    ttl 5
  }
  cache 5
  reload
}
.:1053 {
  errors
  template ANY ANY . {
    rcode NXDOMAIN
  }
}
`;

/** CoreDNS as every cluster has it: pods labelled k8s-app=kube-dns behind the Service kube-dns. */
export const dnsObjects = (cluster: Cluster): readonly KubernetesObject[] => [
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'coredns', namespace } },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'system:coredns' },
    rules: [
      {
        apiGroups: [''],
        resources: ['endpoints', 'services', 'pods', 'namespaces'],
        verbs: ['list', 'watch'],
      },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
    ],
  } as KubernetesObject,
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'system:coredns' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:coredns' },
    subjects: [{ kind: 'ServiceAccount', name: 'coredns', namespace }],
  } as KubernetesObject,
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'coredns', namespace },
    data: { Corefile: corefile },
  } as KubernetesObject,
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kube-dns', namespace, labels: { ...labels, 'kubernetes.io/name': 'CoreDNS' } },
    spec: {
      clusterIP: cluster.addresses.dnsService,
      selector: labels,
      ports: [
        { name: 'dns', port: 53, targetPort: 1053, protocol: 'UDP' },
        { name: 'dns-tcp', port: 53, targetPort: 1053, protocol: 'TCP' },
        { name: 'metrics', port: 9153, targetPort: 9153, protocol: 'TCP' },
      ],
    },
  } as KubernetesObject,
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'coredns', namespace, labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: podSpec },
    },
  } as KubernetesObject,
];

const podSpec = {
  serviceAccountName: 'coredns',
  priorityClassName: 'system-cluster-critical',
  dnsPolicy: 'Default',
  tolerations: [{ operator: 'Exists' }],
  // Simulated nodes would take the pod and run nothing.
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'type', operator: 'NotIn', values: ['kwok'] }] }],
      },
    },
  },
  containers: [
    {
      name: 'coredns',
      image: corednsImage,
      imagePullPolicy: 'Never',
      args: ['-conf', '/etc/coredns/Corefile'],
      resources: { requests: { cpu: '20m', memory: '30Mi' }, limits: { memory: '170Mi' } },
      volumeMounts: [{ name: 'config', mountPath: '/etc/coredns', readOnly: true }],
      readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 1 },
      livenessProbe: { httpGet: { path: '/health', port: 8080 } },
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
        capabilities: { drop: ['ALL'] },
        seccompProfile: { type: 'RuntimeDefault' },
      },
    },
  ],
  volumes: [{ name: 'config', configMap: { name: 'coredns' } }],
};
