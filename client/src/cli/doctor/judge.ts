import { type Finding, fail, ok, skip, warn } from './check.ts';

/** What the facts of a cluster mean: pure, one function per question. Objects are as the API server gives them. */

interface Meta {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** ReadWriteOncePod is stable from 1.29 on. */
const OLDEST_MINOR = 29;

export function judgeVersion({
  major,
  minor,
  gitVersion,
}: Readonly<Record<'major' | 'minor' | 'gitVersion', string>>): Finding {
  const number = Number.parseInt(minor, 10);
  return Number(major) === 1 && number < OLDEST_MINOR
    ? fail(
        'Kubernetes',
        `${gitVersion} is too old`,
        `1.${OLDEST_MINOR} or newer is needed for ReadWriteOncePod volumes`,
      )
    : ok('Kubernetes', gitVersion);
}

export interface ResourceList {
  readonly resources: readonly { readonly name: string }[];
}

export function judgeResource(found: ResourceList | undefined): Finding {
  const names = found?.resources.map(({ name }) => name) ?? [];
  if (!names.includes('whatsappsessions'))
    return fail(
      'Resource',
      'the cluster does not know WhatsAppSessions',
      'install the chart, or with crds.enabled=false the CRD by hand',
    );
  return names.includes('whatsappsessions/status')
    ? ok('Resource', 'WhatsAppSession v1alpha1 is served')
    : fail(
        'Resource',
        'WhatsAppSession has no status subresource',
        'apply the CRD of the installed version again',
      );
}

export interface Deployment {
  readonly metadata: Meta;
  readonly spec: { readonly replicas?: number };
  readonly status?: { readonly readyReplicas?: number };
}

export function judgeOperator(deployments: readonly Deployment[]): Finding {
  const [first, ...others] = deployments;
  if (first === undefined)
    return fail(
      'Operator',
      'there is none in this cluster',
      'install the chart: helm install whatsapp-operator charts/whatsapp-operator -n whatsapp-operator --create-namespace',
    );
  const { name, namespace = '', labels } = first.metadata;
  const readyCount = first.status?.readyReplicas ?? 0;
  const wanted = first.spec.replicas ?? 1;
  const said = `${labels?.['helm.sh/chart'] ?? name} in ${namespace}, ${readyCount} of ${wanted} ready`;
  if (readyCount === 0)
    return fail(
      'Operator',
      said,
      `kubectl describe pods -n ${namespace} -l app.kubernetes.io/name=whatsapp-operator`,
    );
  if (others.length > 0)
    return warn(
      'Operator',
      `${said}; and ${others.length} more`,
      'two operators for the same namespaces work against each other: set watchNamespaces, or remove one',
    );
  return ok('Operator', said);
}

export interface Right {
  readonly what: string;
  readonly allowed: boolean;
  /** Commands that need it. */
  readonly neededFor: string;
}

export function judgeRights(rights: readonly Right[], namespace: string): Finding {
  const missing = rights.filter(({ allowed }) => !allowed);
  if (missing.length === 0) return ok('Your rights', `all that the commands need in namespace ${namespace}`);
  const list = missing.map(({ what, neededFor }) => `${what} (${neededFor})`).join(', ');
  return warn('Your rights', `missing in namespace ${namespace}: ${list}`, 'ask for a Role with these');
}

export interface StorageClass {
  readonly metadata: Meta;
  readonly provisioner: string;
}

export function judgeStorage(classes: readonly StorageClass[], named: readonly string[]): Finding {
  const unknown = named.filter((name) => !classes.some(({ metadata }) => metadata.name === name));
  if (unknown.length > 0)
    return fail(
      'Storage',
      `sessions name classes that do not exist: ${unknown.join(', ')}`,
      'kubectl get storageclass',
    );
  const fallback = classes.find(
    ({ metadata }) => metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true',
  );
  if (fallback === undefined)
    return warn(
      'Storage',
      'there is no default storage class',
      'set spec.storage.storageClassName in every session, or mark a class as default',
    );
  return fallback.provisioner.startsWith('kubernetes.io/')
    ? warn(
        'Storage',
        `the default class ${fallback.metadata.name} is not of a CSI driver`,
        'ReadWriteOncePod needs CSI: name another class, or use accessMode ReadWriteOnce',
      )
    : ok('Storage', `default class ${fallback.metadata.name} (${fallback.provisioner})`);
}

export interface Pod {
  readonly metadata: Meta;
  readonly status?: {
    readonly containerStatuses?: readonly {
      readonly image: string;
      readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
    }[];
  };
}

const IMAGE_TROUBLE = [
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
];

export function judgeImages(pods: readonly Pod[]): Finding {
  const troubled = pods.flatMap(({ metadata, status }) =>
    (status?.containerStatuses ?? [])
      .filter(({ state }) => IMAGE_TROUBLE.includes(state?.waiting?.reason ?? ''))
      .map(({ image, state }) => ({ pod: metadata.name, image, reason: state?.waiting?.reason ?? '' })),
  );
  const [first] = troubled;
  if (first === undefined) return ok('Images', `${pods.length} pods, and none lacks its image`);
  return fail(
    'Images',
    `${first.image} cannot be had for pod ${first.pod} (${first.reason})${troubled.length > 1 ? `, and ${troubled.length - 1} more` : ''}`,
    'check images.registry of the chart, spec.image, and the pull secrets',
  );
}

export interface EndpointSlice {
  readonly endpoints?: readonly { readonly conditions?: { readonly ready?: boolean } }[] | null;
}

export function judgeDns(slices: readonly EndpointSlice[]): Finding {
  const all = slices.flatMap(({ endpoints }) => endpoints ?? []);
  // Kubernetes says that an unknown readiness is to be taken for ready.
  const readyCount = all.filter(({ conditions }) => conditions?.ready !== false).length;
  if (all.length === 0) return skip('DNS', 'this cluster has no Service kube-dns to look at');
  return readyCount === 0
    ? fail(
        'DNS',
        'none of the DNS servers is ready',
        'kubectl describe pods -n kube-system -l k8s-app=kube-dns; sessions cannot find WhatsApp without it',
      )
    : ok('DNS', `${readyCount} of ${all.length} servers ready`);
}

export interface SessionReadiness {
  readonly name: string;
  readonly ready: boolean;
  readonly reason: string;
}

export function judgeSessions(sessions: readonly SessionReadiness[], program: string): Finding {
  const waiting = sessions.filter(({ ready }) => !ready);
  if (waiting.length === 0) return ok('Sessions', `${sessions.length}, and all are ready`);
  const shown = waiting.slice(0, 5).map(({ name, reason }) => `${name} (${reason})`);
  const more = waiting.length > shown.length ? `, and ${waiting.length - shown.length} more` : '';
  return warn(
    'Sessions',
    `${waiting.length} of ${sessions.length} are not ready: ${shown.join(', ')}${more}`,
    `${program} status NAME says what to do`,
  );
}
