import { z } from 'zod';

/** Durations and sizes as Kubernetes writes them, so that a setting and a field of the resource look the same. */

const DURATION_UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const SIZE_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  k: 1e3,
  M: 1e6,
  G: 1e9,
};

/** Milliseconds of `500ms`, `30s`, `10m`, `24h` or a sum such as `1h30m`; undefined when it is none of these. */
export function parseDuration(written: string): number | undefined {
  const text = written.trim();
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount = '', unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    total += Number(amount) * (DURATION_UNITS[unit] ?? Number.NaN);
  }
  return Math.round(total);
}

/** Bytes of `1048576`, `512Ki`, `16Mi`, `1Gi` or `16M`; undefined when it is none of these. */
export function parseSize(written: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(Ki|Mi|Gi|k|M|G|)$/.exec(written.trim());
  if (match === null) return undefined;
  const [, amount = '', unit = ''] = match;
  return Math.round(Number(amount) * (SIZE_UNITS[unit] ?? Number.NaN));
}

interface Range {
  readonly min: string;
  readonly max: string;
}

function quantity(
  what: string,
  parse: (written: string) => number | undefined,
  { min, max }: Range,
): z.ZodType<number, string> {
  const lowest = parse(min) ?? 0;
  const highest = parse(max) ?? Number.MAX_SAFE_INTEGER;
  return z.string().transform((written, context) => {
    const value = parse(written);
    if (value !== undefined && value >= lowest && value <= highest) return value;
    context.addIssue({ code: 'custom', message: `must be ${what} from ${min} to ${max}` });
    return z.NEVER;
  });
}

/** A duration in milliseconds, within a range. */
export const duration = (range: Range): z.ZodType<number, string> =>
  quantity('a duration such as 30s or 5m', parseDuration, range);

/** A size in bytes, within a range. */
export const size = (range: Range): z.ZodType<number, string> =>
  quantity('a size such as 16Mi', parseSize, range);
