import { ApiError } from './errors.ts';
import type { KubeObject, Live } from './objects.ts';
import { apiVersionOf, collectionPath, type ObjectRef, objectPath, type Resource } from './resource.ts';
import type { Method, Transport } from './transport.ts';

/**
 * The verbs of the API server on typed plain JSON. Guarantees:
 * - what the server sends is what the caller gets: no field is dropped, converted or renamed;
 * - every failure is an {@link ApiError} that names what was attempted;
 * - an attempt is repeated only where a repetition cannot do harm: reads, PUT, merge and apply patches, and deletes
 *   that name the UID. A create or JSON patch is repeated only if the server said that it did not take it.
 */
export interface KubeClient {
  get<T extends KubeObject>(resource: Resource<T>, ref: ObjectRef, options?: CallOptions): Promise<Live<T>>;
  /** One page. `continueToken` of the page asks for the next one. */
  list<T extends KubeObject>(
    resource: Resource<T>,
    query?: ListQuery,
    options?: CallOptions,
  ): Promise<ListPage<T>>;
  /** `AlreadyExists` is a conflict: read what is there and decide. */
  create<T extends KubeObject>(resource: Resource<T>, object: T, options?: WriteOptions): Promise<Live<T>>;
  /** PUT. With `metadata.resourceVersion` only if nobody wrote in between. */
  replace<T extends KubeObject>(resource: Resource<T>, object: T, options?: WriteOptions): Promise<Live<T>>;
  patch<T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef,
    patch: Patch,
    options?: WriteOptions,
  ): Promise<Live<T>>;
  /** Resolves when the server has accepted; the object may linger while finalizers or a grace period run. */
  delete<T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef,
    preconditions?: DeletePreconditions,
    options?: CallOptions,
  ): Promise<void>;
  /** Opens a watch; the reflector is what should call this. */
  watch<T extends KubeObject>(resource: Resource<T>, query: WatchQuery, options: CallOptions): Promise<Watch>;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** For the whole call with its retries. Default: the transport's. */
  readonly timeoutMs?: number | undefined;
  /** Attempts after the first. Default: the transport's. */
  readonly retries?: number | undefined;
}

export interface WriteOptions extends CallOptions {
  readonly subresource?: 'status' | undefined;
  /** Whose fields these are. Default: the client's. */
  readonly fieldManager?: string | undefined;
  /** Admission and validation judge the write, and nothing is stored. */
  readonly dryRun?: boolean | undefined;
}

export interface ListQuery {
  /** All namespaces when left out. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly limit?: number | undefined;
  readonly continueToken?: string | undefined;
}

export interface WatchQuery {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly resourceVersion: string;
  /** After which the server ends the watch. */
  readonly timeoutSeconds: number;
}

export interface ListPage<T extends KubeObject> {
  readonly items: readonly Live<T>[];
  readonly resourceVersion: string;
  readonly continueToken: string | undefined;
}

/** The raw bytes of a watch; `close` ends it at once. */
export interface Watch {
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly close: () => void;
}

export type Patch =
  /** JSON merge patch: null removes a field, arrays are replaced whole. */
  | { readonly type: 'merge'; readonly body: object }
  /** JSON patch: a list of operations, of which `test` makes it conditional. */
  | { readonly type: 'json'; readonly operations: readonly JsonOperation[] }
  /**
   * Server-side apply: the whole of what the field manager wants, with apiVersion and kind. `force` (default true, as
   * controllers should) takes fields over from other managers; without it they are a conflict.
   */
  | { readonly type: 'apply'; readonly body: KubeObject; readonly force?: boolean };

export interface JsonOperation {
  readonly op: 'add' | 'remove' | 'replace' | 'test';
  readonly path: string;
  readonly value?: unknown;
}

/** Nothing is deleted unless the object is the one that is meant. */
export interface DeletePreconditions {
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly gracePeriodSeconds?: number | undefined;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan' | undefined;
}

export interface ClientOptions {
  /** Name under which the API server notes who set which field. */
  readonly fieldManager: string;
}

export function createClient(transport: Transport, { fieldManager }: ClientOptions): KubeClient {
  const write = async <T extends KubeObject>(
    resource: Resource<T>,
    method: Method,
    path: string,
    content: { readonly body: object; readonly type: string; readonly idempotent: boolean },
    query: Query,
    options: WriteOptions,
  ): Promise<Live<T>> =>
    typed(
      resource,
      await transport.json({
        method,
        path: withQuery(path, {
          fieldManager: options.fieldManager ?? fieldManager,
          dryRun: options.dryRun ? 'All' : undefined,
          ...query,
        }),
        body: JSON.stringify(content.body),
        contentType: content.type,
        idempotent: content.idempotent,
        ...options,
      }),
    );

  return {
    get: async (resource, ref, options = {}) =>
      typed(
        resource,
        await transport.json({
          method: 'GET',
          path: objectPath(resource, ref),
          idempotent: true,
          ...options,
        }),
      ),

    list: async (resource, query = {}, options = {}) => {
      const path = withQuery(collectionPath(resource, query.namespace), {
        labelSelector: query.labelSelector,
        fieldSelector: query.fieldSelector,
        limit: query.limit,
        continue: query.continueToken,
      });
      return pageOf(
        resource,
        path,
        await transport.json({ method: 'GET', path, idempotent: true, ...options }),
      );
    },

    create: (resource, object, options = {}) =>
      write(
        resource,
        'POST',
        collectionPath(resource, object.metadata.namespace),
        { body: object, type: 'application/json', idempotent: false },
        {},
        options,
      ),

    replace: (resource, object, options = {}) =>
      write(
        resource,
        'PUT',
        objectPath(resource, object.metadata, options.subresource),
        { body: object, type: 'application/json', idempotent: true },
        {},
        options,
      ),

    patch: (resource, ref, patch, options = {}) =>
      write(
        resource,
        'PATCH',
        objectPath(resource, ref, options.subresource),
        patchContent(patch),
        patch.type === 'apply' ? { force: patch.force ?? true } : {},
        options,
      ),

    delete: async (resource, ref, conditions = {}, options = {}) => {
      const { uid, resourceVersion, gracePeriodSeconds, propagationPolicy } = conditions;
      const body = {
        kind: 'DeleteOptions',
        apiVersion: 'v1',
        gracePeriodSeconds,
        propagationPolicy,
        preconditions: { uid, resourceVersion },
      };
      await transport.json({
        method: 'DELETE',
        path: objectPath(resource, ref),
        body: JSON.stringify(body),
        contentType: 'application/json',
        // Without the UID a repetition could meet the successor of what was deleted.
        idempotent: uid !== undefined,
        ...options,
      });
    },

    watch: (resource, query, options) =>
      transport.stream({
        method: 'GET',
        path: withQuery(collectionPath(resource, query.namespace), {
          watch: true,
          allowWatchBookmarks: true,
          labelSelector: query.labelSelector,
          fieldSelector: query.fieldSelector,
          resourceVersion: query.resourceVersion,
          timeoutSeconds: query.timeoutSeconds,
        }),
        idempotent: true,
        ...options,
      }),
  };
}

function patchContent(patch: Patch): {
  readonly body: object;
  readonly type: string;
  readonly idempotent: boolean;
} {
  switch (patch.type) {
    case 'merge':
      return { body: patch.body, type: 'application/merge-patch+json', idempotent: true };
    case 'json':
      return { body: patch.operations, type: 'application/json-patch+json', idempotent: false };
    case 'apply':
      // JSON is YAML; apply has no JSON content type of its own on every version that we support.
      return { body: patch.body, type: 'application/apply-patch+yaml', idempotent: true };
  }
}

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

function withQuery(path: string, query: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, String(value));
  }
  return search.size === 0 ? path : `${path}?${search}`;
}

/** Items of a list come without apiVersion and kind: the list says them once. */
function typed<T extends KubeObject>(resource: Resource<T>, object: unknown): Live<T> {
  return Object.assign({ apiVersion: apiVersionOf(resource), kind: resource.kind }, object as Live<T>);
}

interface RawList {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly unknown[] | null;
}

function pageOf<T extends KubeObject>(resource: Resource<T>, path: string, answer: unknown): ListPage<T> {
  const { metadata, items } = answer as RawList;
  if (metadata?.resourceVersion === undefined) {
    throw new ApiError({
      attempted: `GET ${path}`,
      code: 'protocol',
      message: 'the list has no resourceVersion',
    });
  }
  return {
    items: (items ?? []).map((item) => typed(resource, item)),
    resourceVersion: metadata.resourceVersion,
    continueToken: metadata.continue || undefined,
  };
}
