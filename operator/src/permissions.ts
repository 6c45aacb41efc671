import { GROUP, PLURAL } from '@whatsapp-operator/api/resource';
import type { KubeObject } from './kube/objects.ts';
import {
  claims,
  events,
  leases,
  networkPolicies,
  pods,
  type Resource,
  secrets,
  services,
} from './kube/resource.ts';

/**
 * Every right that the operator has. The chart's roles are generated from this list, and the operator's own client
 * refuses what is not in it, so neither can hold more or less than the other.
 *
 * On Secrets there is `create` alone: the operator writes the generated API key and can read no Secret at all.
 */

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';

export interface Permission {
  readonly group: string;
  readonly plural: string;
  readonly subresource?: 'status';
  readonly verbs: readonly Verb[];
  /** Completes "in order to". */
  readonly why: string;
}

const on = (
  { group, plural }: Pick<Resource<KubeObject>, 'group' | 'plural'>,
  verbs: readonly Verb[],
  why: string,
): Permission => ({ group, plural, verbs, why });

const sessions = { group: GROUP, plural: PLURAL };

/** Wherever sessions are. */
export const sessionPermissions: readonly Permission[] = [
  on(sessions, ['list', 'watch'], 'know what is asked for'),
  { ...on(sessions, ['patch'], 'say what is the case'), subresource: 'status' },
  on(pods, ['get', 'list', 'watch', 'create', 'patch', 'delete'], 'run sessions, and mend labels and owner'),
  on(claims, ['get', 'list', 'watch', 'create', 'patch'], 'keep their volumes, grow and adopt them'),
  on(services, ['get', 'list', 'watch', 'create', 'patch'], 'make them reachable'),
  on(networkPolicies, ['get', 'list', 'watch', 'create', 'patch'], 'shut them off from the rest'),
  on(secrets, ['create'], 'generate an API key; never to read one'),
  on(events, ['list', 'create', 'patch'], 'tell what happened, and why a pod does not start'),
];

/** In the operator's own namespace. */
export const leaderPermissions: readonly Permission[] = [
  on(leases, ['create'], 'take part in the election'),
  on(leases, ['get', 'update'], 'lead, or wait for the leader'),
];

/** One rule of a Role. */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly Verb[];
}

export const policyRule = ({ group, plural, subresource, verbs }: Permission): PolicyRule => ({
  apiGroups: [group],
  resources: [subresource === undefined ? plural : `${plural}/${subresource}`],
  verbs,
});

/** Whether a request is covered. Rights in a namespace are not told apart here: that is the API server's to do. */
export const isPermitted = (permissions: readonly Permission[], request: PermissionRequest): boolean =>
  permissions.some(
    ({ group, plural, subresource, verbs }) =>
      group === request.group &&
      plural === request.plural &&
      subresource === request.subresource &&
      verbs.includes(request.verb),
  );

export type PermissionRequest = Pick<Permission, 'group' | 'plural' | 'subresource'> & {
  readonly verb: Verb;
};
