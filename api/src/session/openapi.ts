import { z } from 'zod';
import { problemKinds, problemSchema } from './problem.ts';
import { type Answer, type AnswerContent, commonProblems, type Route } from './route.ts';
import { routes } from './routes/index.ts';

/** The session's HTTP API as an OpenAPI 3.1 document. Pure: the same routes give the same document. */

export type Json = { readonly [key: string]: unknown };

/** Schemas with an `id` in their metadata, under `components.schemas`. */
type Components = Record<string, Json>;

/** A schema for the document: named parts move to the components, and are pointed at. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output', components: Components): Json {
  const { $schema: _, $defs, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json;
  const name = schema.meta()?.id;
  for (const [id, definition] of Object.entries(($defs ?? {}) as Components))
    components[id] = repoint(definition);
  if (name === undefined) return repoint(rest);
  components[name] = repoint(rest);
  return { $ref: `#/components/schemas/${name}` };
}

/** Turns pointers to `$defs` into pointers to the components, and drops the ids that made them. */
function repoint(value: Json): Json {
  const text = JSON.stringify(value, (key, part: unknown) =>
    key === 'id' && isMetaId(part) ? undefined : part,
  );
  return JSON.parse(text.replaceAll('"#/$defs/', '"#/components/schemas/')) as Json;
}

/** Inside `properties` an `id` is a schema; as metadata it is a name. */
const isMetaId = (part: unknown): boolean => typeof part === 'string';

function isRequired(schema: z.ZodType): boolean {
  return !schema.safeParse(undefined).success;
}

function parameters(shape: z.ZodObject, place: 'path' | 'query' | 'header', components: Components): Json[] {
  return Object.entries(shape.shape as Record<string, z.ZodType>).map(([name, schema]) => ({
    name,
    in: place,
    required: place === 'path' || isRequired(schema),
    schema: jsonSchema(schema, 'input', components),
  }));
}

function content(parts: readonly AnswerContent[], components: Components): Json {
  return Object.fromEntries(parts.map((part) => contentEntry(part, components)));
}

function contentEntry(part: AnswerContent, components: Components): readonly [string, Json] {
  switch (part.type) {
    case 'json':
      return ['application/json', { schema: jsonSchema(part.schema, 'output', components) }];
    case 'bytes':
      return [part.mimetype, { schema: { type: 'string', contentEncoding: 'binary' } }];
    case 'text':
      return ['text/plain', { schema: { type: 'string' } }];
  }
}

function answer({ description, content: parts, headers }: Answer, components: Components): Json {
  return {
    description,
    ...(parts.length === 0 ? {} : { content: content(parts, components) }),
    ...(headers === undefined
      ? {}
      : {
          headers: Object.fromEntries(
            Object.entries(headers).map(([name, what]) => [
              name,
              { description: what, schema: { type: 'string' } },
            ]),
          ),
        }),
  };
}

/** Problems by status: several codes can share one. */
function problems(route: Route): Record<string, Json> {
  const codes = [...new Set([...route.problems, ...commonProblems])];
  const byStatus = Map.groupBy(codes, (code) => problemKinds[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, group]) => [
      String(status),
      {
        description: group.map((code) => `\`${code}\`: ${problemKinds[code].title}`).join('; '),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  );
}

const examples = (route: Route): Json =>
  Object.keys(route.examples).length === 0
    ? {}
    : {
        examples: Object.fromEntries(
          Object.entries(route.examples).map(([name, value]) => [name, { value }]),
        ),
      };

function requestBody(route: Route, components: Components): Json {
  if (route.body === undefined) return {};
  const others = Object.entries(route.otherBodies).map(([type, description]) => [
    type,
    { schema: { type: 'object', description } },
  ]);
  return {
    requestBody: {
      required: isRequired(route.body),
      content: {
        'application/json': { schema: jsonSchema(route.body, 'input', components), ...examples(route) },
        ...Object.fromEntries(others),
      },
    },
  };
}

function operation(name: string, route: Route, components: Components): Json {
  return {
    operationId: name,
    tags: [route.tag],
    summary: route.summary,
    description: route.description,
    parameters: [
      ...parameters(route.params, 'path', components),
      ...parameters(route.query, 'query', components),
      ...parameters(route.headers, 'header', components),
    ],
    ...requestBody(route, components),
    responses: {
      ...Object.fromEntries(
        Object.entries(route.answers).map(([status, given]) => [status, answer(given, components)]),
      ),
      ...problems(route),
    },
  };
}

/** The document; `version` is the API's, not a program's. */
export function openApiDocument(): Json {
  const components: Components = {};
  jsonSchema(problemSchema, 'output', components);
  const paths: Record<string, Record<string, Json>> = {};
  for (const [name, route] of Object.entries(routes) as [string, Route][]) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(name, route, components) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'WhatsApp session',
      version: 'v1',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description:
        'One WhatsApp Web session. A message that was answered with 202 is on disk: it arrives once, or you are told ' +
        'what became of it. Every error is a problem document (RFC 9457) with a stable `code`.',
    },
    servers: [{ url: '/' }],
    security: [{ apiKey: [] }, { bearer: [] }],
    tags: [
      { name: 'Messages', description: 'Sending, and what became of it' },
      {
        name: 'Events',
        description: 'What has happened: every message, ack and change of state, once and in order',
      },
      { name: 'Webhooks', description: 'Events sent to you: at least once, in order within each chat' },
      { name: 'Session', description: 'How the session does, and how it is linked' },
      { name: 'Directory', description: 'Whom and what the account knows; read-only' },
    ],
    paths,
    components: {
      securitySchemes: {
        apiKey: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
        bearer: { type: 'http', scheme: 'bearer' },
      },
      schemas: Object.fromEntries(Object.entries(components).sort(([a], [b]) => (a < b ? -1 : 1))),
    },
  };
}
