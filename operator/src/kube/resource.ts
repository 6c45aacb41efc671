import type {
  Event,
  KubeObject,
  Lease,
  NetworkPolicy,
  PersistentVolumeClaim,
  Secret,
  Service,
} from './objects.ts';
import type { Pod } from './pod.ts';

/** Where a kind lives in the API. `T` is the type of its objects. */
export interface Resource<T extends KubeObject> {
  /** `''` for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Carries the type; never present. */
  readonly objectType?: T;
}

/** Name and, for namespaced kinds, namespace. */
export interface ObjectRef {
  readonly name: string;
  readonly namespace?: string | undefined;
}

const namespaced = <T extends KubeObject>(group: string, plural: string, kind: string): Resource<T> => ({
  group,
  version: 'v1',
  plural,
  kind,
  namespaced: true,
});

export const pods = namespaced<Pod>('', 'pods', 'Pod');
export const services = namespaced<Service>('', 'services', 'Service');
export const secrets = namespaced<Secret>('', 'secrets', 'Secret');
export const claims = namespaced<PersistentVolumeClaim>(
  '',
  'persistentvolumeclaims',
  'PersistentVolumeClaim',
);
export const networkPolicies = namespaced<NetworkPolicy>(
  'networking.k8s.io',
  'networkpolicies',
  'NetworkPolicy',
);
export const leases = namespaced<Lease>('coordination.k8s.io', 'leases', 'Lease');
export const events = namespaced<Event>('events.k8s.io', 'events', 'Event');

export const apiVersionOf = (resource: Resource<KubeObject>): string =>
  resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;

/** The path of all objects of a kind, in one namespace or, for undefined, in all. */
export function collectionPath(resource: Resource<KubeObject>, namespace?: string): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${apiVersionOf(resource)}`;
  const scope = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${root}${scope}/${resource.plural}`;
}

/** The path of one object. Throws `TypeError` when a namespaced kind comes without its namespace or the reverse. */
export function objectPath(resource: Resource<KubeObject>, ref: ObjectRef, subresource?: string): string {
  if (resource.namespaced !== (ref.namespace !== undefined)) {
    throw new TypeError(
      `${resource.kind} ${ref.name}: ${resource.namespaced ? 'needs a namespace' : 'has no namespace'}`,
    );
  }
  // An empty name would address the whole collection, which for DELETE means all of it.
  if (ref.name === '') throw new TypeError(`${resource.kind}: the name is empty`);
  const tail = subresource === undefined ? '' : `/${subresource}`;
  return `${collectionPath(resource, ref.namespace)}/${encodeURIComponent(ref.name)}${tail}`;
}
