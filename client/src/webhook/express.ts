import { type VerifyOptions, verifyWebhook, type WebhookRefusal } from './signature.ts';

/** A middleware for Express, and whatever calls its middlewares likewise: it lets nothing pass that is not signed. */

export interface MiddlewareOptions extends Omit<VerifyOptions, 'now'> {
  /** Largest body that is read. Bytes; default 1 MiB: files are fetched, not delivered. */
  readonly maxBytes?: number | undefined;
  /** Called with every delivery that is refused, for a log. */
  readonly onRefused?: ((reason: MiddlewareRefusal, detail: string) => void) | undefined;
}

export type MiddlewareRefusal = WebhookRefusal | 'body_too_large' | 'body_consumed' | 'body_no_json';

/** What is used of a request; Express's own has it. */
export interface WebhookRequest extends AsyncIterable<Uint8Array> {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly readableEnded?: boolean;
  body?: unknown;
  /** Set for the handlers that follow. */
  webhook?: { readonly requestId: string; readonly timestamp: number };
}

export interface WebhookResponse {
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  end(text: string): unknown;
}

export type WebhookMiddleware = (
  request: WebhookRequest,
  response: WebhookResponse,
  next: (error?: unknown) => void,
) => Promise<void>;

const STATUS: Partial<Record<MiddlewareRefusal, number>> = {
  body_too_large: 413,
  body_consumed: 500,
  body_no_json: 400,
};
const DEFAULT_MAX_BYTES = 1024 * 1024;

/**
 * Reads the raw body, verifies it, and gives the handlers that follow the parsed event as `request.body`. What is not
 * signed gets 401. Mount it in front of `express.json()`, or use `express.raw({ type: '*' + '/*' })` before it.
 */
export function webhookMiddleware(options: MiddlewareOptions): WebhookMiddleware {
  const { maxBytes = DEFAULT_MAX_BYTES, onRefused } = options;
  return async (request, response, next) => {
    const refuse = (reason: MiddlewareRefusal, detail: string) => {
      onRefused?.(reason, detail);
      response.statusCode = STATUS[reason] ?? 401;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ error: { code: reason, message: detail } }));
    };
    try {
      const body = await rawBody(request, maxBytes);
      if (!(body instanceof Uint8Array)) {
        refuse(body.reason, body.detail);
        return;
      }
      const verdict = verifyWebhook(body, request.headers, options);
      if (!verdict.ok) {
        refuse(verdict.reason, verdict.detail);
        return;
      }
      const event = parse(body);
      if (event === undefined) {
        refuse('body_no_json', 'the body is signed, and no JSON');
        return;
      }
      request.body = event.value;
      request.webhook = { requestId: verdict.requestId, timestamp: verdict.timestamp };
    } catch (error) {
      next(error);
      return;
    }
    next();
  };
}

interface NoBody {
  readonly reason: MiddlewareRefusal;
  readonly detail: string;
}

async function rawBody(request: WebhookRequest, maxBytes: number): Promise<Uint8Array | NoBody> {
  if (request.body instanceof Uint8Array) return request.body;
  if (request.readableEnded === true)
    return {
      reason: 'body_consumed',
      detail:
        'the body was parsed already, and a signature is over its bytes: mount this before express.json()',
    };
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.byteLength;
    if (size > maxBytes) return { reason: 'body_too_large', detail: `at most ${maxBytes} bytes are read` };
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parse(body: Uint8Array): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(new TextDecoder().decode(body)) };
  } catch {
    return undefined;
  }
}
