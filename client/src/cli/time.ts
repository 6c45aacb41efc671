import { CommandError, exitCodes } from './exit-code.ts';

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `30s`, `5m`, `1h30m`, or seconds as a plain number; in milliseconds. */
export function parseDuration(written: string): number {
  if (/^\d+(\.\d+)?$/.test(written)) return Number(written) * 1000;
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(written))
    throw new CommandError(
      exitCodes.usage,
      `${JSON.stringify(written)} is no duration`,
      'write 30s, 5m or 1h30m',
    );
  return [...written.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * UNITS[unit as keyof typeof UNITS],
    0,
  );
}

/** An age as kubectl writes it: the two largest units at most. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours}h` : `${Math.floor(hours / 24)}d`;
}

/** The age of a moment in RFC 3339; a dash when there was none. */
export const ageOf = (moment: string | null | undefined, now: number): string =>
  moment === null || moment === undefined ? '-' : formatAge(now - Date.parse(moment));
