import type { KubeClient } from './kube/client.ts';
import type { KubeObject } from './kube/objects.ts';
import type { Resource } from './kube/resource.ts';
import { isPermitted, type Permission, type Verb } from './permissions.ts';

/** A request that the list of permissions does not have: a mistake in the code, found before the API server is asked. */
export class NotPermittedError extends Error {
  readonly code = 'not_permitted';

  constructor(verb: Verb, resource: string) {
    super(`${verb} ${resource}: not in operator/src/permissions.ts, so no role has it`);
    this.name = 'NotPermittedError';
  }
}

/**
 * The client, shut off from everything that is not in the list. Guarantees: a request that the chart's roles do not
 * cover fails here with `not_permitted`, under test as in production, whatever rights the process happens to have.
 */
export function permittedClient(client: KubeClient, permissions: readonly Permission[]): KubeClient {
  const check = (verb: Verb, { group, plural }: Resource<KubeObject>, subresource?: 'status'): void => {
    const request = { group, plural, verb, ...(subresource === undefined ? {} : { subresource }) };
    if (isPermitted(permissions, request)) return;
    throw new NotPermittedError(verb, subresource === undefined ? plural : `${plural}/${subresource}`);
  };
  return {
    get: async (resource, ...rest) => {
      check('get', resource);
      return client.get(resource, ...rest);
    },
    list: async (resource, ...rest) => {
      check('list', resource);
      return client.list(resource, ...rest);
    },
    create: async (resource, object, options) => {
      check('create', resource, options?.subresource);
      return client.create(resource, object, options);
    },
    replace: async (resource, object, options) => {
      check('update', resource, options?.subresource);
      return client.replace(resource, object, options);
    },
    patch: async (resource, ref, patch, options) => {
      check('patch', resource, options?.subresource);
      return client.patch(resource, ref, patch, options);
    },
    delete: async (resource, ...rest) => {
      check('delete', resource);
      return client.delete(resource, ...rest);
    },
    watch: async (resource, ...rest) => {
      check('watch', resource);
      return client.watch(resource, ...rest);
    },
  };
}
