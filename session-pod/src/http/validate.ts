import { type Route, UNSUPPORTED_CHAT } from '@whatsapp-operator/api/session';
import { z } from 'zod';
import { ProblemError } from './problem-error.ts';

/** The parts of a request as they came. */
export interface RawRequest {
  readonly params: unknown;
  readonly query: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

/** Mistakes that are told of one request; a request can be wrong in arbitrarily many places. */
const MAX_MISTAKES = 20;

/**
 * The request as the route's shapes have it, with defaults.
 *
 * @throws ProblemError `invalid_request` with every mistake, or `unsupported_chat`
 */
export function validate(route: Route, raw: RawRequest): RawRequest {
  const { params, query, headers, body } = route;
  const parts = z.object({ params, query, headers, body: body ?? z.undefined() });
  const known = Object.keys(headers.shape);
  const parsed = parts.safeParse({
    params: plain(raw.params),
    query: plain(raw.query),
    headers: Object.fromEntries(
      known.flatMap((name) => (raw.headers[name] === undefined ? [] : [[name, raw.headers[name]]])),
    ),
    body: raw.body,
  });
  if (parsed.success) return parsed.data as RawRequest;
  throw refusal(parsed.error);
}

/** Express gives objects without a prototype. */
const plain = (value: unknown): unknown =>
  typeof value === 'object' && value !== null ? { ...value } : value;

function refusal({ issues }: z.ZodError): ProblemError {
  const errors = issues.flatMap(flatten).slice(0, MAX_MISTAKES);
  const [first] = errors;
  const unsupported = issues.some(
    (issue) => issue.code === 'custom' && issue.params?.['problem'] === UNSUPPORTED_CHAT,
  );
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more, see errors)` : '';
  return new ProblemError(
    unsupported && issues.length === 1 ? UNSUPPORTED_CHAT : 'invalid_request',
    first === undefined
      ? 'the request does not follow the contract'
      : `${first.path}: ${first.message}${more}`,
    { errors },
  );
}

interface Mistake {
  readonly path: string;
  readonly message: string;
}

/** Of a union, the mistakes of the alternative that came closest. */
function flatten(issue: z.core.$ZodIssue): readonly Mistake[] {
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const closest = [...issue.errors].sort((a, b) => distance(a) - distance(b))[0] ?? [];
    if (closest.length > 0)
      return closest.flatMap((inner) => flatten({ ...inner, path: [...issue.path, ...inner.path] }));
  }
  return [{ path: issue.path.map(String).join('.').slice(0, 200), message: issue.message.slice(0, 500) }];
}

/** A field of the right name and wrong value is closer than a field that is unknown or missing. */
const distance = (issues: readonly z.core.$ZodIssue[]): number =>
  issues.reduce(
    (sum, issue) =>
      sum +
      (issue.code === 'unrecognized_keys' ? 2 * issue.keys.length : issue.code === 'invalid_type' ? 2 : 1),
    0,
  );
