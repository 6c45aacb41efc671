import { type Agent, request } from 'undici';
import { checkTarget, describeNetworkError, outboundAgent } from '../http/outbound.ts';
import { PrivateAddressError, type publicLookup } from '../http/public-address.ts';
import { type AttemptResult, parseRetryAfter } from './judge.ts';
import type { WebhookSettings } from './settings.ts';

type CourierSettings = Pick<WebhookSettings, 'timeoutMs' | 'allowPrivateAddresses' | 'maxAnswerBytes'>;

/**
 * Makes one request to a receiver. Guarantees: it ends within the timeout and never throws; no redirect is followed;
 * of the answer no more than the limit is read; only allowed addresses are connected to.
 */
export class Courier {
  readonly #settings: CourierSettings;
  readonly #agent: Agent;

  constructor(settings: CourierSettings, lookup?: Parameters<typeof publicLookup>[0]) {
    this.#settings = settings;
    this.#agent = outboundAgent({
      allowPrivate: settings.allowPrivateAddresses,
      connectTimeoutMs: settings.timeoutMs,
      keepAliveMs: 10_000,
      lookup,
    });
  }

  async post(
    written: string,
    body: string,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<AttemptResult> {
    const target = checkTarget(written, { allowPrivate: this.#settings.allowPrivateAddresses });
    if (target.kind === 'private') return NOT_PUBLIC;
    if (target.kind === 'refused') return { kind: 'target-refused', detail: target.detail };
    const within = AbortSignal.any([signal, AbortSignal.timeout(this.#settings.timeoutMs)]);
    try {
      const answer = await request(target.url, {
        method: 'POST',
        dispatcher: this.#agent,
        signal: within,
        headersTimeout: this.#settings.timeoutMs,
        bodyTimeout: this.#settings.timeoutMs,
        headers,
        body,
      });
      // What it says beyond the status changes nothing; read, so that the connection can be used again.
      answer.body.on('error', () => undefined);
      await answer.body.dump({ limit: this.#settings.maxAnswerBytes, signal: within }).catch(() => undefined);
      const { 'retry-after': retryAfter } = answer.headers;
      return {
        kind: 'answered',
        status: answer.statusCode,
        retryAfterMs: parseRetryAfter(typeof retryAfter === 'string' ? retryAfter : undefined, Date.now()),
      };
    } catch (error) {
      if (error instanceof PrivateAddressError) return NOT_PUBLIC;
      const timedOut = error instanceof Error && error.name === 'TimeoutError';
      return {
        kind: 'unanswered',
        detail: timedOut ? `no answer within ${this.#settings.timeoutMs} ms` : describeNetworkError(error),
      };
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

const NOT_PUBLIC: AttemptResult = {
  kind: 'target-refused',
  detail: 'the address is not public; WEBHOOK_ALLOW_PRIVATE_ADDRESSES=true allows others',
};
