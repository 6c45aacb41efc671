import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';

/** Phone numbers and other ids of people, as WhatsApp writes them, and numbers in international form. */
const PERSONAL = /\d{5,20}(?:[:-]\d{1,12})?(?=@)|\+\d[\d ().-]{6,20}\d/g;

/** A text without phone numbers and ids of chats. */
export const maskNumbers = (text: string): string => text.replaceAll(PERSONAL, '***');

/** The fields of a log line, their texts masked; errors with their causes included. */
export function maskFields(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, name === 'time' ? value : mask(value, 0)]),
  );
}

const MAX_DEPTH = 5;

function mask(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return maskNumbers(value);
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return value;
  if (Array.isArray(value)) return value.map((each) => mask(each, depth + 1));
  if (value instanceof Error) return maskError(value, depth);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, mask(each, depth + 1)]));
}

function maskError(error: Error, depth: number): unknown {
  return {
    type: error.name,
    message: maskNumbers(error.message),
    ...('code' in error ? { code: error.code } : {}),
    stack: maskNumbers(error.stack ?? ''),
    ...(error.cause === undefined ? {} : { cause: mask(error.cause, depth + 1) }),
  };
}

/**
 * The log: JSON lines on standard output. Bodies of messages and keys are never handed to it; phone numbers and ids
 * of chats are masked unless the level is `debug` or `trace`.
 */
export function createLog(level: string, sessionName: string, destination?: DestinationStream): Logger {
  const open = level === 'debug' || level === 'trace';
  const options = {
    level,
    base: { session: sessionName },
    timestamp: stdTimeFunctions.isoTime,
    redact: ['*.body', '*.text', '*.caption', '*.qr', 'headers'],
    formatters: {
      level: (label: string) => ({ level: label }),
      ...(open ? {} : { log: maskFields }),
    },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
