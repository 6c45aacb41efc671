import type { KubeObject, Live, Status } from './objects.ts';
import { apiVersionOf, type Resource } from './resource.ts';

/** One line of a watch, understood. */
export type WatchEvent<T extends KubeObject> =
  | { readonly kind: 'put'; readonly object: Live<T>; readonly resourceVersion: string }
  | { readonly kind: 'removed'; readonly object: Live<T>; readonly resourceVersion: string }
  | { readonly kind: 'bookmark'; readonly resourceVersion: string }
  | { readonly kind: 'failed'; readonly status: Status }
  /** Not what a watch sends: the stream cannot be trusted any further. */
  | { readonly kind: 'corrupt'; readonly why: string };

interface RawEvent {
  readonly type?: unknown;
  readonly object?: { readonly metadata?: Record<string, unknown> };
}

export function parseWatchEvent<T extends KubeObject>(resource: Resource<T>, line: string): WatchEvent<T> {
  const raw = parseJson(line);
  if (raw === undefined) return { kind: 'corrupt', why: `not JSON: ${line.slice(0, 80)}` };
  if (raw.type === 'ERROR') return { kind: 'failed', status: (raw.object ?? {}) as Status };
  const metadata = raw.object?.metadata;
  const resourceVersion = metadata?.['resourceVersion'];
  if (typeof resourceVersion !== 'string' || resourceVersion === '') {
    return { kind: 'corrupt', why: `${String(raw.type)} without a resourceVersion` };
  }
  if (raw.type === 'BOOKMARK') return { kind: 'bookmark', resourceVersion };
  if (typeof metadata?.['name'] !== 'string' || typeof metadata['uid'] !== 'string') {
    return { kind: 'corrupt', why: `${String(raw.type)} without name and UID` };
  }
  const type = { apiVersion: apiVersionOf(resource), kind: resource.kind };
  const object = Object.assign(type, raw.object) as unknown as Live<T>;
  switch (raw.type) {
    case 'ADDED':
    case 'MODIFIED':
      return { kind: 'put', object, resourceVersion };
    case 'DELETED':
      return { kind: 'removed', object, resourceVersion };
    default:
      return { kind: 'corrupt', why: `unknown event ${String(raw.type)}` };
  }
}

function parseJson(line: string): RawEvent | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === 'object' && parsed !== null ? (parsed as RawEvent) : undefined;
  } catch {
    return undefined;
  }
}
