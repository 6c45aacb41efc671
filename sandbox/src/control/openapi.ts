import { z } from 'zod';
import { routes } from './contract.ts';
import type { Route } from './routes/route.ts';
import { errorSchema } from './shapes.ts';

type Json = Record<string, unknown>;

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, reused: 'inline' }) as Json;
  return rest;
}

function parameters(shape: z.ZodObject, place: 'path' | 'query'): readonly Json[] {
  return Object.entries(shape.shape).map(([name, schema]) => ({
    name,
    in: place,
    required: place === 'path' || !(schema as z.ZodType).safeParse(undefined).success,
    schema: jsonSchema(schema as z.ZodType, 'input'),
  }));
}

function content({ format, result }: Route): Json {
  switch (format) {
    case 'json':
      return { 'application/json': { schema: jsonSchema(result, 'output') } };
    case 'ndjson':
      return { 'application/x-ndjson': { schema: { type: 'string' } } };
    case 'events':
      return {
        'text/event-stream': {
          schema: {
            type: 'string',
            contentMediaType: 'application/json',
            contentSchema: jsonSchema(result, 'output'),
            description: 'The data of each event',
          },
        },
      };
    case 'bytes':
      return { 'application/octet-stream': {} };
  }
}

function operation(name: string, route: Route): Json {
  const failure = { 'application/json': { schema: jsonSchema(errorSchema, 'output') } };
  return {
    operationId: name,
    summary: route.summary,
    parameters: [...parameters(route.params, 'path'), ...parameters(route.query, 'query')],
    ...(route.method === 'POST' || route.method === 'PUT'
      ? {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: jsonSchema(route.body, 'input') } },
          },
        }
      : {}),
    responses: {
      '200': { description: 'Done', content: content(route) },
      default: { description: 'Refused', content: failure },
    },
  };
}

/** The control API as an OpenAPI 3.1 document, generated from the routes. */
export function openApiDocument(): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const [name, route] of Object.entries(routes)) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(name, route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'whatsapp-operator sandbox',
      version: '1',
      description: 'Steers a simulated WhatsApp: nothing here reaches the real one.',
    },
    paths,
  };
}
