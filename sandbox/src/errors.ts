/** Every way in which a request to the sandbox can be wrong, with the HTTP status that the control API gives it. */
export const ERROR_STATUS = {
  ACCOUNT_UNKNOWN: 404,
  ACCOUNT_EXISTS: 409,
  NUMBER_INVALID: 400,
  QR_MALFORMED: 400,
  QR_EXPIRED: 410,
  QR_KEYS_DIFFER: 409,
  CODE_UNKNOWN: 404,
  DEVICE_UNKNOWN: 404,
  MESSAGE_UNKNOWN: 404,
  GROUP_UNKNOWN: 404,
  NOT_A_MEMBER: 403,
  NOT_A_POLL: 409,
  OPTION_UNKNOWN: 400,
  MEDIA_UNKNOWN: 404,
  FAULT_UNKNOWN: 404,
  NOT_FOUND: 404,
  REQUEST_INVALID: 400,
  REQUEST_TOO_LARGE: 413,
  FOREIGN_ORIGIN: 403,
  NOT_LINKED: 409,
  SETTINGS_INVALID: 500,
  PORT_UNUSABLE: 500,
  INTERNAL: 500,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** An error with a constant code; what was attempted is in the message, what went wrong below it in `cause`. */
export class SandboxError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SandboxError';
    this.code = code;
  }
}
