import { Failure } from './failure.ts';

/** Why a start is refused, with the exit code that tells it to whoever supervises the process (as sysexits has them). */
export const EXIT_CODES = {
  /** EX_CONFIG. */
  settings_invalid: 78,
  /** Another process has the data folder. EX_TEMPFAIL: it may be on its way out. */
  data_folder_in_use: 75,
  /** A database that is not ours, broken, or newer than this program. EX_DATAERR. */
  database_refused: 65,
  /** The folder cannot be made or written. EX_CANTCREAT. */
  data_folder_unusable: 73,
  /** A port is taken, or may not be listened on. EX_UNAVAILABLE. */
  port_unavailable: 69,
  /** EX_OSFILE. */
  browser_missing: 72,
  sandbox_unreachable: 69,
} as const;

export type StartupCode = keyof typeof EXIT_CODES;

/** A start that is refused: the message is all that a person needs, without a stack. */
export class StartupError extends Failure<StartupCode> {
  constructor(code: StartupCode, message: string, options?: ErrorOptions) {
    super(code, code === 'data_folder_in_use' ? 'conflict' : 'terminal', message, options);
    this.name = 'StartupError';
  }

  get exitCode(): number {
    return EXIT_CODES[this.code];
  }
}
