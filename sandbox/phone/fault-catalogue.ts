import { z } from 'zod';
import { classify, type Fault, faultSchema } from '../src/faults/fault.ts';

/** One parameter of a fault, as a form asks for it. */
export interface FaultField {
  readonly name: string;
  readonly control:
    | {
        readonly kind: 'number';
        readonly min: number | undefined;
        readonly max: number | undefined;
        readonly whole: boolean;
      }
    | { readonly kind: 'text' }
    | { readonly kind: 'flag' }
    | { readonly kind: 'choice'; readonly options: readonly string[] }
    /** Several of these numbers. */
    | { readonly kind: 'levels'; readonly options: readonly number[] }
    /** Words, separated by commas. */
    | { readonly kind: 'words' };
  /** What the form begins with. */
  readonly initial: FieldValue;
  readonly hint: string | undefined;
}

export type FieldValue = string | boolean | readonly number[];

export interface FaultKind {
  readonly kind: string;
  readonly description: string;
  readonly group: ReturnType<typeof classify>['kind'];
  readonly fields: readonly FaultField[];
}

interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
  readonly description?: string;
}

/** Values to begin with where the schema names none, by the parameter's name. */
const EXAMPLES: Readonly<Record<string, FieldValue>> = {
  ms: '2000',
  acks: [2, 3, 4],
  perMinute: '10',
  modules: 'WAWebStreamModel',
  megabytes: '500',
  perSecond: '20',
  url: '/',
};

const leaves = (schema: Schema): readonly Schema[] =>
  (schema.anyOf ?? schema.oneOf)?.flatMap(leaves) ?? [schema];

function controlOf(schema: Schema): FaultField['control'] {
  if (schema.enum !== undefined) return { kind: 'choice', options: schema.enum.map(String) };
  switch (schema.type) {
    case 'boolean':
      return { kind: 'flag' };
    case 'integer':
    case 'number': {
      // JSON Schema names the largest safe integer where zod has no limit.
      const max = schema.maximum === Number.MAX_SAFE_INTEGER ? undefined : schema.maximum;
      return { kind: 'number', min: schema.minimum, max, whole: schema.type === 'integer' };
    }
    case 'array': {
      const levels = leaves(schema.items ?? {}).map((item) => item.const);
      if (levels.every((level) => typeof level === 'number')) return { kind: 'levels', options: levels };
      return { kind: 'words' };
    }
    default:
      return { kind: 'text' };
  }
}

function initialOf(name: string, schema: Schema, control: FaultField['control']): FieldValue {
  if (control.kind === 'flag') return schema.default === true;
  if (schema.default !== undefined) return String(schema.default);
  return EXAMPLES[name] ?? (control.kind === 'choice' ? (control.options[0] ?? '') : '');
}

function toField([name, schema]: readonly [string, Schema]): FaultField {
  const control = controlOf(schema);
  return { name, control, initial: initialOf(name, schema, control), hint: schema.description };
}

function toKind(schema: Schema): FaultKind {
  const { kind: constant, ...parameters } = schema.properties ?? {};
  const kind = String(constant?.const);
  return {
    kind,
    description: schema.description ?? '',
    group: classify({ kind } as Fault).kind,
    fields: Object.entries(parameters).map(toField),
  };
}

const document = z.toJSONSchema(faultSchema, { io: 'input' }) as {
  readonly $defs?: Readonly<Record<string, Schema>>;
};

/** Every fault that the sandbox knows, read from its schema: a new one appears in the form by itself. */
export const faultKinds: readonly FaultKind[] = leaves(document.$defs?.['Fault'] ?? {}).map(toKind);

function parameterOf({ control }: FaultField, value: FieldValue): unknown {
  switch (control.kind) {
    case 'number':
      return String(value).trim() === '' ? undefined : Number(value);
    case 'words':
      return String(value)
        .split(',')
        .map((word) => word.trim())
        .filter((word) => word !== '');
    case 'text':
    case 'choice':
    case 'flag':
    case 'levels':
      return value;
  }
}

/** The fault that a filled form means, or what is wrong with it in words. */
export function readFault(
  { kind, fields }: FaultKind,
  values: Readonly<Record<string, FieldValue>>,
): { readonly ok: true; readonly fault: Fault } | { readonly ok: false; readonly problem: string } {
  const parameters = fields.map((field) => [
    field.name,
    parameterOf(field, values[field.name] ?? field.initial),
  ]);
  const parsed = faultSchema.safeParse({ kind, ...Object.fromEntries(parameters) });
  if (parsed.success) return { ok: true, fault: parsed.data };
  const wrong = fields.find((field) => !acceptable(field, values[field.name] ?? field.initial));
  return {
    ok: false,
    problem: wrong === undefined ? 'The values do not fit.' : `"${wrong.name}" does not fit.`,
  };
}

function acceptable(field: FaultField, value: FieldValue): boolean {
  const { control } = field;
  const read = parameterOf(field, value);
  switch (control.kind) {
    case 'number': {
      const number = Number(read);
      return (
        read !== undefined &&
        number >= (control.min ?? Number.NEGATIVE_INFINITY) &&
        number <= (control.max ?? Number.POSITIVE_INFINITY) &&
        (!control.whole || Number.isInteger(number))
      );
    }
    case 'levels':
    case 'words':
      return Array.isArray(read) && read.length > 0;
    case 'text':
      return read !== '';
    case 'choice':
    case 'flag':
      return true;
  }
}

/** A standing fault's parameters in few words: `ms 2000, probability 0.5`. */
export const parameterWords = ({ kind: _, ...parameters }: Fault): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${name} ${Array.isArray(value) ? value.join(' ') : value}`)
    .join(', ');
