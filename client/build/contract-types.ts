import { format } from 'node:util';
import * as session from '@whatsapp-operator/api/session';
import { z } from 'zod';

/**
 * The types of the session's HTTP API as TypeScript without zod, so that the published package needs neither zod nor
 * the contract's workspace. Pure. test/contract-types.test.ts has the compiler compare each with its source.
 */

type Json = { readonly [key: string]: unknown };

/** What callers write: defaults may be left out. */
const REQUESTS = ['SendRequest', 'MessageContent', 'MediaSource', 'ContactCard'];
/** What the API answers. */
const ANSWERS = [
  'Account',
  'Attempt',
  'Chat',
  'Contact',
  'Disconnect',
  'HistoryMessage',
  'Message',
  'MessagePage',
  'NumberLookup',
  'OutboxSummary',
  'PairingCode',
  'Problem',
  'QrCode',
  'Restarts',
  'Session',
  'Versions',
];

/** Lists that have a name of their own, because callers switch over them. */
const ENUMS: Readonly<Record<string, { readonly options: readonly string[] }>> = {
  AttemptOutcome: session.attemptOutcome,
  AttemptReason: session.attemptReason,
  ContentType: session.contentType,
  MessageStatus: session.messageStatus,
  OutcomeCode: session.outcomeCode,
  ProblemCode: session.problemCode,
  SessionState: session.sessionState,
  TransitionReason: session.transitionReason,
};

export function contractTypes(): string {
  const requests = schemas('input');
  const answers = schemas('output');
  const parts = [
    '/** The types of the session API. Generated from api/src/session by `make generate`. */',
    ...Object.entries(ENUMS).map(
      ([name, { options }]) =>
        `export type ${name} =\n${options.map((option) => `  | ${quote(option)}`).join('\n')};`,
    ),
    ...REQUESTS.map((name) => declaration(name, requests)),
    ...ANSWERS.map((name) => declaration(name, answers)),
  ];
  return `${parts.join('\n\n')}\n`.replaceAll(/ +$/gm, '');
}

function schemas(io: 'input' | 'output'): Readonly<Record<string, Json>> {
  const all = z.toJSONSchema(z.globalRegistry, { io, unrepresentable: 'any', uri: (id) => id });
  return all.schemas as unknown as Readonly<Record<string, Json>>;
}

function declaration(name: string, all: Readonly<Record<string, Json>>): string {
  const schema = all[name];
  if (schema === undefined) throw new Error(format('the contract has no schema %s', name));
  const type = typeOf(schema, '');
  return schema['type'] === 'object' ? `export interface ${name} ${type}` : `export type ${name} = ${type};`;
}

/** A schema as a type; the kinds of schema are those that the contract has. */
function typeOf(schema: Json, indent: string): string {
  const reference = schema['$ref'];
  if (typeof reference === 'string') return reference;
  const union = (schema['oneOf'] ?? schema['anyOf']) as readonly Json[] | undefined;
  if (union !== undefined) return unionOf(union, indent);
  if ('const' in schema) return quote(schema['const']);
  if (Array.isArray(schema['enum'])) return enumOf(schema['enum'] as readonly string[]);
  const { type } = schema;
  if (Array.isArray(type)) return type.map((one) => typeOf({ ...schema, type: one }, indent)).join(' | ');
  switch (type) {
    case 'object':
      return objectOf(schema, indent);
    case 'array':
      return `readonly ${parenthesized(typeOf(schema['items'] as Json, indent))}[]`;
    case 'integer':
    case 'number':
      return 'number';
    case 'string':
    case 'boolean':
    case 'null':
      return type;
    // A string that is transformed has no type of its own in JSON Schema.
    case undefined:
      return 'string';
    default:
      throw new Error(format('the contract has a schema of a new kind: %j', schema));
  }
}

function unionOf(members: readonly Json[], indent: string): string {
  const types = members.map((member) => typeOf(member, `${indent}  `));
  const short = types.join(' | ');
  return short.includes('\n') ? types.map((type) => `\n${indent}  | ${type}`).join('') : short;
}

function enumOf(values: readonly string[]): string {
  const known = Object.entries(ENUMS).find(([, { options }]) => same(options, values));
  return known?.[0] ?? values.map(quote).join(' | ');
}

function objectOf(schema: Json, indent: string): string {
  const required = new Set((schema['required'] ?? []) as readonly string[]);
  const lines = Object.entries((schema['properties'] ?? {}) as Readonly<Record<string, Json>>).map(
    ([name, property]) => {
      const description = property['description'];
      const doc = typeof description === 'string' ? `${indent}  /** ${description} */\n` : '';
      const type = typeOf(property, `${indent}  `);
      return required.has(name)
        ? `${doc}${indent}  readonly ${name}: ${type};`
        : `${doc}${indent}  readonly ${name}?: ${type} | undefined;`;
    },
  );
  return `{\n${lines.join('\n')}\n${indent}}`;
}

const parenthesized = (type: string): string => (type.includes('|') ? `(${type})` : type);
const quote = (value: unknown): string => `'${String(value).replaceAll("'", "\\'")}'`;
const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((value, index) => value === b[index]);
