import { z } from 'zod';

/**
 * The kinds of value that Kubernetes writes as text: durations, quantities, names. Each is checked twice by the same
 * bounds: here by zod, and by the API server through the CEL rule that the generated CRD carries.
 */

/** A CEL rule of the API server, with the message that a person gets whose object breaks it. */
export interface ValidationRule {
  readonly rule: string;
  /** Completes the sentence "spec.field: …". */
  readonly message: string;
}

/** The part of a zod schema's metadata that only the generated CRD looks at. */
export const rules = (
  ...list: readonly ValidationRule[]
): { readonly 'x-kubernetes-validations': unknown } => ({
  'x-kubernetes-validations': list,
});

const DURATION = /^([0-9]+(ms|s|m|h))+$/;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a duration such as `1h30m`; NaN for anything else. */
export function durationMs(text: string): number {
  if (!DURATION.test(text)) return Number.NaN;
  return [...text.matchAll(/([0-9]+)(ms|s|m|h)/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (UNIT_MS[unit ?? ''] ?? Number.NaN),
    0,
  );
}

/** A duration as Kubernetes writes it (`300ms`, `30s`, `10m`, `1h30m`), from `least` to `most`. */
export function duration(description: string, least: string, most: string): z.ZodString {
  const message = `must be a duration from ${least} to ${most}, such as ${least}`;
  const between = (text: string) =>
    durationMs(text) >= durationMs(least) && durationMs(text) <= durationMs(most);
  return z
    .string()
    .max(20)
    .refine(between, message)
    .meta({
      description: `${description} A duration from ${least} to ${most}.`,
      ...rules({
        rule: `self.matches(r'${DURATION.source}') && duration(self) >= duration('${least}') && duration(self) <= duration('${most}')`,
        message,
      }),
    });
}

const QUANTITY = /^([0-9]+(?:\.[0-9]+)?)(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/;
const SUFFIX: Readonly<Record<string, number>> = {
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** A quantity as a plain number (bytes, cores); NaN for anything that is none. Exponents are not understood. */
export function quantityValue(quantity: string | number): number {
  const [, amount, suffix] = QUANTITY.exec(String(quantity)) ?? [];
  if (amount === undefined) return Number.NaN;
  return Number(amount) * (suffix === undefined ? 1 : (SUFFIX[suffix] ?? Number.NaN));
}

export const quantityType = z.union([z.int(), z.string()]);
export type Quantity = z.infer<typeof quantityType>;

/** A quantity such as `1Gi` or `250m`, at least `least`. More rules of the API server can be given. */
export function quantity(description: string, least: string, ...more: readonly ValidationRule[]) {
  const message = `must be a quantity of at least ${least}, such as ${least}`;
  return z
    .union([z.int(), z.string().max(20)])
    .refine((value) => quantityValue(value) >= quantityValue(least), message)
    .meta({
      description: `${description} A quantity of at least ${least}.`,
      'x-kubernetes-int-or-string': true,
      maxLength: 20,
      ...rules(
        {
          rule: `string(self).matches(r'${QUANTITY.source}') && quantity(string(self)).compareTo(quantity('${least}')) >= 0`,
          message,
        },
        ...more,
      ),
    });
}

/** The name of another object in the session's namespace. */
export const objectName = (description: string) =>
  z
    .string()
    .min(1)
    .max(253)
    .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/)
    .meta({ description });

/** A key of a Secret in the session's namespace. The operator itself never reads it: the kubelet mounts it. */
export const secretKeyRef = (description: string) =>
  z
    .object({
      name: objectName("Name of the Secret, in the session's namespace."),
      key: z
        .string()
        .min(1)
        .max(253)
        .regex(/^[-._a-zA-Z0-9]+$/)
        .meta({ description: "Key within the Secret's data." }),
    })
    .meta({ description });

/** A short map of text to text, such as labels. */
export const stringMap = (description: string, ...list: readonly ValidationRule[]) =>
  z.record(z.string().max(317), z.string().max(4096)).meta({
    description,
    maxProperties: 32,
    ...(list.length === 0 ? {} : rules(...list)),
  });
