import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../machine/failure.ts';

/** A message as the session's API tells of it, as far as the demo looks. */
export interface Message {
  readonly id: string;
  readonly status: string;
  readonly attempts: readonly unknown[];
}

/** Answers that are about the request and not about the moment. */
const MISTAKES: readonly number[] = [400, 401, 413, 415, 422];

/** The session's HTTP API, as any program of a user would call it. */
export class SessionApi {
  readonly #url: string;
  readonly #key: string;

  /** @param url where the API is, such as http://127.0.0.1:3000 */
  constructor(url: string, key: string) {
    this.#url = url;
    this.#key = key;
  }

  async qr(format: 'json' | 'text'): Promise<string> {
    const response = await this.#call(`/api/v1/session/qr?format=${format}`);
    return format === 'text'
      ? await response.text()
      : ((await response.json()) as { readonly qr: string }).qr;
  }

  /**
   * Hands a text over under its key until the session has accepted it: a call that was cut off is made again, and the
   * key keeps that from becoming a second message. Throws `not_answered` after `withinMs`.
   */
  async send(to: string, body: string, key: string, withinMs: number): Promise<Message> {
    const init = {
      method: 'POST',
      headers: { 'idempotency-key': key, 'content-type': 'application/json' },
      body: JSON.stringify({ to, content: { type: 'text', text: body } }),
    };
    return await untilAnswered(
      `accepting "${body}"`,
      withinMs,
      async () => (await (await this.#call('/api/v1/messages', init)).json()) as Message,
    );
  }

  /** The message once it has one of the statuses. Throws `not_answered` after `withinMs`. */
  async messageThat(id: string, statuses: readonly string[], withinMs: number): Promise<Message> {
    return await untilAnswered(`message ${id} becoming ${statuses.join(' or ')}`, withinMs, async () => {
      const message = (await (await this.#call(`/api/v1/messages/${id}`)).json()) as Message;
      if (!statuses.includes(message.status)) throw new Error(`it is ${message.status}`);
      return message;
    });
  }

  async #call(path: string, init: RequestInit = {}): Promise<Response> {
    const response = await fetch(`${this.#url}${path}`, {
      ...init,
      headers: { ...(init.headers as Record<string, string> | undefined), 'x-api-key': this.#key },
      signal: AbortSignal.timeout(10_000),
    });
    if (!response.ok) {
      const said = `${path} answered ${response.status}: ${await response.text()}`;
      // What the contract refuses it refuses again.
      throw MISTAKES.includes(response.status) ? new Failure('refused', said) : new Error(said);
    }
    return response;
  }
}

/** Asks again and again until there is an answer. Throws `not_answered` with the last trouble, a Failure at once. */
export async function untilAnswered<T>(what: string, withinMs: number, ask: () => Promise<T>): Promise<T> {
  for (const deadline = performance.now() + withinMs; ; await sleep(200)) {
    try {
      return await ask();
    } catch (cause) {
      if (cause instanceof Failure) throw cause;
      if (performance.now() < deadline) continue;
      throw new Failure('not_answered', `waited ${Math.round(withinMs / 1000)} s for ${what}`, { cause });
    }
  }
}
