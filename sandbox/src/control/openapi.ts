import { z } from 'zod';
import { type Route, routes } from './contract.ts';
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

function operation(name: string, route: Route): Json {
  const result =
    route.format === 'json'
      ? { 'application/json': { schema: jsonSchema(route.result, 'output') } }
      : { 'application/x-ndjson': { schema: { type: 'string' } } };
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
      '200': { description: 'Done', content: result },
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
