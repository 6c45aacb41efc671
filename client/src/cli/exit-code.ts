import { WhatsAppError } from '../errors.ts';
import { KubeError } from './kube/kube-error.ts';

/** Every exit code, for scripts: stable over versions. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  refused: 4,
  unreachable: 5,
  needsPerson: 6,
  notSent: 7,
  timeout: 8,
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What each means, for `--help` and the README. */
export const exitCodeTexts: Readonly<Record<keyof typeof exitCodes, string>> = {
  done: 'done',
  failed: 'failed for another cause than those below; `doctor` found something',
  usage: 'the command line is wrong',
  notFound: 'there is no such session, message, chat or cluster context',
  refused: 'the API key is wrong, or your rights in the cluster do not suffice',
  unreachable: 'the session or cluster cannot be reached, or is not connected now; later it may be',
  needsPerson: 'the session waits for a person: to be linked, or to be begun anew after a failure',
  notSent: 'the message ended otherwise than sent',
  timeout: 'it took longer than --timeout',
  interrupted: 'ended by Ctrl-C',
};

/** A command that cannot go on, said in one line, with what to do about it. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: ExitCode;
  readonly remedy: string | undefined;

  constructor(exitCode: ExitCode, message: string, remedy?: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.exitCode = exitCode;
    this.remedy = remedy;
  }
}

export interface Explanation {
  readonly exitCode: ExitCode;
  readonly message: string;
  readonly remedy: string | undefined;
}

/** Any error as what a person is told: a line, what to do, an exit code. Never a stack. */
export function explain(error: unknown): Explanation {
  if (error instanceof CommandError)
    return { exitCode: error.exitCode, message: error.message, remedy: error.remedy };
  if (error instanceof WhatsAppError)
    return { exitCode: codeOfSession(error), message: error.message, remedy: remedyOfSession(error) };
  if (error instanceof KubeError)
    return { exitCode: codeOfKube(error), message: error.message, remedy: error.remedy };
  const message = error instanceof Error ? error.message : String(error);
  return { exitCode: exitCodes.failed, message, remedy: undefined };
}

function codeOfSession({ code, kind }: WhatsAppError): ExitCode {
  switch (code) {
    case 'unauthorized':
    case 'foreign_page':
      return exitCodes.refused;
    case 'invalid_settings':
    case 'invalid_request':
    case 'file_unreadable':
      return exitCodes.usage;
    case 'message_not_found':
    case 'chat_not_found':
      return exitCodes.notFound;
    case 'pairing_required':
    case 'session_failed':
      return exitCodes.needsPerson;
    case 'not_sent':
      return exitCodes.notSent;
    case 'timeout':
      return exitCodes.timeout;
    default:
      return kind === 'retry' ? exitCodes.unreachable : exitCodes.failed;
  }
}

function remedyOfSession({ code, kind, idempotencyKey }: WhatsAppError): string | undefined {
  switch (code) {
    case 'unauthorized':
      return 'give the key in WHATSAPP_ENGINE_API_KEY or with --api-key-file';
    case 'pairing_required':
      return 'link a phone with the command qr';
    case 'session_failed':
      return 'mend the cause that status tells, then restart';
    case 'unreachable':
      return idempotencyKey === undefined
        ? 'doctor looks at what stands in the way'
        : `doctor looks at what stands in the way; sent again with --idempotency-key ${idempotencyKey} it still arrives once`;
    default:
      return kind === 'retry' && idempotencyKey !== undefined && code !== 'timeout'
        ? `send it again with --idempotency-key ${idempotencyKey}, and it still arrives once`
        : undefined;
  }
}

function codeOfKube({ status }: KubeError): ExitCode {
  if (status === undefined || status === 429 || status >= 500) return exitCodes.unreachable;
  if (status === 401 || status === 403) return exitCodes.refused;
  return status === 404 ? exitCodes.notFound : exitCodes.failed;
}
