import { SandboxError } from '../errors.ts';
import { type RouteName, routes } from './contract.ts';

/** A route that fits a request, with the parameters that its path holds, decoded. */
export interface Match {
  readonly name: RouteName;
  readonly params: Readonly<Record<string, string>>;
}

/** Finds the route of a request. Throws REQUEST_INVALID for a path that is not well encoded. */
export function matchRoute(method: string, pathname: string): Match | undefined {
  const segments = pathname.split('/').map(decode);
  for (const name of Object.keys(routes) as RouteName[]) {
    const pattern = routes[name].path.split('/');
    if (routes[name].method !== method || pattern.length !== segments.length) continue;
    const pairs = pattern.map((part, index) => [part, segments[index] ?? ''] as const);
    if (pairs.every(([part, segment]) => part.startsWith(':') || part === segment)) {
      const params = pairs
        .filter(([part]) => part.startsWith(':'))
        .map(([part, segment]) => [part.slice(1), segment]);
      return { name, params: Object.fromEntries(params) };
    }
  }
  return undefined;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (cause) {
    throw new SandboxError('REQUEST_INVALID', `"${segment}" is not a well encoded part of a path`, { cause });
  }
}
