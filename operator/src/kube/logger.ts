/** The part of pino's logger that the runtime uses. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** For tests and for programs that want silence. */
export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

function nothing(): void {}
