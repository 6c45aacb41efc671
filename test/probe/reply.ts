import type { ServerResponse } from 'node:http';

/** An answer, before it is written to the connection. */
export type Reply = {
  readonly status: number;
  /** An object is sent as JSON, bytes as they are. */
  readonly body: object | Buffer;
};

/** A failure that the client is told about with a status of its own. */
export class HttpError extends Error {
  readonly status: number;
  /** Constant for programs, for example `TOO_LARGE`. */
  readonly code: string;

  constructor(status: number, code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HttpError';
    this.status = status;
    this.code = code;
  }
}

/** The answer for a failure; what is not an HttpError is the probe's own fault. */
export function errorReply(error: unknown): Reply {
  if (error instanceof HttpError) {
    return { status: error.status, body: { error: error.code, message: error.message } };
  }
  return { status: 500, body: { error: 'INTERNAL', message: String(error) } };
}

/** Writes an answer and ends the response. */
export function send(response: ServerResponse, { status, body }: Reply): void {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(`${JSON.stringify(body)}\n`);
  response.writeHead(status, {
    'content-type': Buffer.isBuffer(body) ? 'application/octet-stream' : 'application/json',
    'content-length': bytes.length,
  });
  response.end(bytes);
}
