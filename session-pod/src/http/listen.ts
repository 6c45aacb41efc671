import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type ProblemCode, problemKinds } from '@whatsapp-operator/api/session';
import { StartupError } from '../startup-error.ts';
import { ProblemError, problemDocument } from './problem-error.ts';

/** What a server bears from its clients. Milliseconds. */
export interface Limits {
  readonly maxConnections: number;
  /** From the first byte of a request to the end of its headers. */
  readonly headersTimeoutMs: number;
  /** From the first byte of a request to the end of its body. */
  readonly requestTimeoutMs: number;
  /** Without a byte in either direction: a client that does not take its answer. */
  readonly idleTimeoutMs: number;
}

/** Bytes of all headers of one request. */
export const MAX_HEADER_SIZE = 16 * 1024;

/** Applies the limits, and answers what is no HTTP request with a problem document where that is possible. */
export function limit(server: Server, limits: Limits): void {
  server.maxConnections = limits.maxConnections;
  server.headersTimeout = limits.headersTimeoutMs;
  server.requestTimeout = limits.requestTimeoutMs;
  server.timeout = limits.idleTimeoutMs;
  server.keepAliveTimeout = 65_000;
  server.maxRequestsPerSocket = 0;
  server.on('clientError', answerBrokenRequest);
}

function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  const code = codeOfBrokenRequest(error.code);
  if (error.code === 'ECONNRESET' || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy();
    return;
  }
  const detail =
    code === 'request_headers_too_large'
      ? `headers may have ${MAX_HEADER_SIZE} bytes in all`
      : 'what came is no HTTP request, or did not come in time';
  const document = problemDocument(new ProblemError(code, detail), undefined);
  const body = JSON.stringify(document);
  socket.end(
    `HTTP/1.1 ${problemKinds[code].status} ${problemKinds[code].title}\r\n` +
      'Content-Type: application/problem+json\r\nConnection: close\r\n' +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function codeOfBrokenRequest(code: string | undefined): ProblemCode {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return 'request_headers_too_large';
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 'request_timeout';
    default:
      return 'invalid_request';
  }
}

/**
 * Listens, and gives the port.
 *
 * @throws StartupError `port_unavailable`
 */
export async function listen(server: Server, host: string, port: number, variable: string): Promise<number> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new StartupError('port_unavailable', explain(cause, host, port, variable), { cause });
  }
  return (server.address() as AddressInfo).port;
}

function explain(cause: unknown, host: string, port: number, variable: string): string {
  switch ((cause as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return `port ${port} on ${host} is taken by another program: end it, or set ${variable} to another port`;
    case 'EACCES':
      return `port ${port} may not be listened on by this user: set ${variable} to one above 1023`;
    default:
      return `cannot listen on ${host} port ${port} (${variable}): ${cause instanceof Error ? cause.message : cause}`;
  }
}

/** Ends a server: idle connections at once, the others with their answer, or at the deadline. */
export async function close(server: Server, deadlineMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), deadlineMs);
  await closed;
  clearTimeout(timer);
}
