import { describe, expect, it } from 'vitest';
import { WhatsAppError } from '../errors.ts';
import { defaultRetryPolicy } from './retry.ts';
import { type ApiRequest, type Fetch, Transport } from './transport.ts';

const problem = (
  code: string,
  status: number,
  retry: string,
  headers: Record<string, string> = {},
): Response =>
  new Response(JSON.stringify({ type: 'about:blank', title: 'No', status, code, detail: 'because', retry }), {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
  });

/** A transport that gets these answers one after the other, and does not wait. */
function scripted(answers: readonly (() => Response | Promise<Response>)[]) {
  const seen: { readonly url: string; readonly init: RequestInit }[] = [];
  const waited: number[] = [];
  const fetch: Fetch = async (url, init) => {
    seen.push({ url, init });
    const answer = answers[seen.length - 1];
    if (answer === undefined) throw new Error('asked more often than expected');
    return await answer();
  };
  const transport = new Transport({
    url: 'http://session',
    apiKey: 'secret',
    retry: { ...defaultRetryPolicy, baseMs: 2, capMs: 2 },
    fetch,
    now: Date.now,
    random: () => 0.5,
    onRetry: ({ afterMs }) => waited.push(afterMs),
  });
  return { transport, seen, waited };
}

const ok = () => Response.json({ fine: true });
const send: ApiRequest = {
  method: 'POST',
  path: '/api/v1/messages',
  headers: { 'idempotency-key': 'one' },
  body: () => '{}',
  repeatability: 'safe',
};
const act: ApiRequest = { method: 'POST', path: '/api/v1/session/logout', repeatability: 'only_if_refused' };
const failed = async (promise: Promise<unknown>): Promise<WhatsAppError> => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof WhatsAppError) return error;
  throw error ?? new Error('it did not fail');
};

describe('a request', () => {
  it('is repeated under the same key until it is answered', async () => {
    const { transport, seen, waited } = scripted([
      () => Promise.reject(new TypeError('fetch failed', { cause: new Error('ECONNRESET') })),
      () => problem('shutting_down', 503, 'later', { 'retry-after': '0.001' }),
      () => new Response('<html>no endpoints</html>', { status: 503 }),
      ok,
    ]);
    await expect(transport.json(send, {})).resolves.toEqual({ fine: true });
    expect(seen.map(({ init }) => new Headers(init.headers).get('idempotency-key'))).toEqual(
      Array(4).fill('one'),
    );
    expect(waited).toEqual([1, 2, 1]);
  });

  it('is repeated when the answer breaks off in its middle', async () => {
    const broken = () =>
      new Response(
        new ReadableStream({
          start(controller) {
            controller.enqueue(new TextEncoder().encode('{"id":'));
            controller.error(new Error('the pod died'));
          },
        }),
      );
    const { transport } = scripted([broken, ok]);
    await expect(transport.json(send, {})).resolves.toEqual({ fine: true });
  });

  it('is not repeated when a repetition could have an effect of its own', async () => {
    const { transport, seen } = scripted([() => Promise.reject(new TypeError('fetch failed'))]);
    const error = await failed(transport.send(act, {}));
    expect([error.code, error.kind, seen.length]).toEqual(['unreachable', 'retry', 1]);
  });

  it('says what the API said', async () => {
    const { transport } = scripted([() => problem('unauthorized', 401, 'never')]);
    const error = await failed(transport.send(send, {}));
    expect(error).toMatchObject({ code: 'unauthorized', kind: 'terminal', status: 401, attempts: 1 });
    expect(error.message).toBe('No: because');
  });

  it('lists every mistake of an invalid request', async () => {
    const errors = [
      { path: 'body.to', message: 'is no number' },
      { path: 'body.content', message: 'is missing' },
    ];
    const { transport } = scripted([
      () =>
        Response.json(
          {
            title: 'Wrong',
            detail: 'two mistakes',
            status: 400,
            code: 'invalid_request',
            retry: 'never',
            errors,
          },
          { status: 400 },
        ),
    ]);
    const error = await failed(transport.send(send, {}));
    expect(error.message).toBe('Wrong: body.to is no number; body.content is missing');
  });

  it('takes the message of a Kubernetes Status', async () => {
    const { transport } = scripted([
      () => Response.json({ kind: 'Status', message: 'services "sales" not found' }, { status: 404 }),
    ]);
    const error = await failed(transport.send(send, {}));
    expect([error.code, error.kind]).toEqual(['bad_answer', 'terminal']);
    expect(error.message).toContain('services "sales" not found');
  });

  it('says that an answer which is no JSON comes from somewhere else', async () => {
    const { transport } = scripted([() => new Response('<html>welcome</html>')]);
    expect((await failed(transport.json(send, {}))).code).toBe('bad_answer');
  });

  it('is tried once when no repetition is wanted', async () => {
    const { transport, seen } = scripted([() => new Response('', { status: 502 })]);
    expect((await failed(transport.send(send, { retry: false }))).code).toBe('unreachable');
    expect(seen).toHaveLength(1);
  });

  it('tells the cause behind "fetch failed"', async () => {
    const cause = new AggregateError([new Error('connect ECONNREFUSED 127.0.0.1:1')]);
    const { transport } = scripted([() => Promise.reject(new TypeError('fetch failed', { cause }))]);
    const error = await failed(transport.send(send, { retry: false }));
    expect(error.message).toContain('ECONNREFUSED');
  });

  it('ends at its own time limit when nobody answers', async () => {
    const never: Fetch = (_, { signal }) =>
      new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    const transport = new Transport({
      url: 'http://session',
      apiKey: undefined,
      retry: { ...defaultRetryPolicy, attemptTimeoutMs: 20 },
      fetch: never,
      now: Date.now,
      random: () => 0,
      onRetry: undefined,
    });
    const error = await failed(transport.send(send, { retry: false }));
    expect([error.code, error.kind]).toEqual(['timeout', 'retry']);
  });

  it('ends at once when it is aborted, in a pause too, with the reason of the signal', async () => {
    const controller = new AbortController();
    const { transport } = scripted([() => problem('shutting_down', 503, 'later', { 'retry-after': '60' })]);
    const sending = transport.send(send, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 20);
    await expect(sending).rejects.toThrow('enough');
    await expect(transport.send(send, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow(
      'before',
    );
  });

  it('leaves out what was not given from the address', async () => {
    const { transport, seen } = scripted([ok]);
    await transport.send({ ...send, query: { wait: 'sent', to: undefined, limit: 3 } }, {});
    expect(seen[0]?.url).toBe('http://session/api/v1/messages?wait=sent&limit=3');
  });
});
