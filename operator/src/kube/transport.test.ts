import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiError } from './errors.ts';
import { pods } from './resource.ts';
import {
  type BadServer,
  clientOf,
  failure,
  json,
  pieces,
  reset,
  silence,
  startBadServer,
} from './testing/bad-server.ts';
import { livePod } from './testing/objects.ts';

const ref = { namespace: 'default', name: 'a' };
const pod = livePod('a');

let server: BadServer;
beforeEach(async () => {
  server = await startBadServer(json(pod));
});
afterEach(() => server.close());

const errorOf = async (promise: Promise<unknown>): Promise<ApiError> => {
  const error = await promise.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
};

describe('a request', () => {
  it('uses one connection for many, and says who asks', async () => {
    const { client, registry } = clientOf(server);
    for (let turn = 0; turn < 50; turn++) await client.get(pods, ref);
    // The pool may open a second one before the first is known to be free again.
    expect(server.connections()).toBeLessThanOrEqual(2);
    expect(server.headers[0]?.['user-agent']).toBe('test/1');
    const host = new URL(server.url).host;
    expect(await registry.metrics()).toContain(
      `rest_client_requests_total{code="200",method="GET",host="${host}"} 50`,
    );
  });

  it('that deletes, or is refused, costs no connection', async () => {
    const { client } = clientOf(server);
    for (let turn = 0; turn < 10; turn++) {
      server.answer(turn % 2 === 0 ? json({}) : failure(409, 'Conflict'));
      await client.delete(pods, ref, { uid: 'u' }).catch(() => {});
    }
    expect(server.requests).toHaveLength(10);
    expect(server.connections()).toBeLessThanOrEqual(2);
  });

  it('waits for a free connection when the pool is full', async () => {
    const { client } = clientOf(server, { connections: 4 });
    await Promise.all(Array.from({ length: 100 }, () => client.get(pods, ref)));
    expect(server.requests).toHaveLength(100);
    expect(server.connections()).toBe(4);
  });

  it('finds a connection however many watches there are', async () => {
    const { client } = clientOf(server, { connections: 2 });
    server.answer(pieces([], 'stay'));
    const query = { resourceVersion: '1', timeoutSeconds: 60 };
    const watches = await Promise.all(Array.from({ length: 10 }, () => client.watch(pods, query, {})));
    server.answer(json(pod));
    expect(await client.get(pods, ref)).toEqual(pod);
    for (const watch of watches) watch.close();
  });

  it('gives back what the server sent, unknown fields included', async () => {
    const odd = { ...pod, spec: { ...pod.spec, fieldOfTomorrow: { deep: [1] } } };
    server.answer(json(odd));
    expect(await clientOf(server).client.get(pods, ref)).toEqual(odd);
  });

  it.each([
    { status: 404, reason: 'NotFound', expected: 'conflict' },
    { status: 409, reason: 'AlreadyExists', expected: 'conflict' },
    { status: 409, reason: 'Conflict', expected: 'conflict' },
    { status: 410, reason: 'Expired', expected: 'conflict' },
    { status: 401, reason: 'Unauthorized', expected: 'retry' },
    { status: 403, reason: 'Forbidden', expected: 'retry' },
    { status: 429, reason: 'TooManyRequests', expected: 'retry' },
    { status: 500, reason: 'InternalError', expected: 'retry' },
    { status: 503, reason: 'ServiceUnavailable', expected: 'retry' },
    { status: 400, reason: 'BadRequest', expected: 'terminal' },
    { status: 422, reason: 'Invalid', expected: 'terminal' },
  ])(
    'refused with $status $reason fails with an error of class $expected',
    async ({ status, reason, expected }) => {
      server.answer(failure(status, reason));
      const error = await errorOf(clientOf(server, { retries: 0 }).client.get(pods, ref));
      expect(error).toMatchObject({ code: status, reason, class: expected });
      expect(error.message).toContain('GET /api/v1/namespaces/default/pods/a');
      expect(error.message).toContain(`${reason} on purpose`);
    },
  );

  it('keeps the causes of a refusal', async () => {
    const details = { causes: [{ field: 'spec.size', reason: 'FieldValueInvalid', message: 'too small' }] };
    server.answer(json({ kind: 'Status', code: 422, reason: 'Invalid', details }, 422));
    expect((await errorOf(clientOf(server).client.get(pods, ref))).details).toEqual(details);
  });

  it('fails with what a proxy said when that is no JSON', async () => {
    server.answer(pieces(['<html>hello</html>'], 'close'));
    expect(await errorOf(clientOf(server).client.get(pods, ref))).toMatchObject({
      code: 'protocol',
      class: 'retry',
    });
  });

  const again: readonly { what: string; bad: Parameters<BadServer['answer']>[0] }[] = [
    { what: 'a reset', bad: reset },
    { what: 'a reset within the answer', bad: pieces(['{"meta'], 'reset') },
    { what: '503', bad: failure(503, 'ServiceUnavailable') },
    { what: '429', bad: failure(429, 'TooManyRequests') },
    { what: '504', bad: failure(504, 'Timeout') },
  ];

  it.each(again)('that reads is repeated after $what', async ({ bad }) => {
    server.answer(bad, bad, json(pod));
    expect(await clientOf(server).client.get(pods, ref)).toEqual(pod);
    expect(server.requests).toHaveLength(3);
  });

  it.each([
    { what: 'a reset', bad: reset, requests: 1 },
    { what: '503', bad: failure(503, 'ServiceUnavailable'), requests: 1 },
    // Refused before anybody looked at it.
    { what: '429', bad: failure(429, 'TooManyRequests'), requests: 2 },
  ])('that creates makes $requests attempts after $what', async ({ bad, requests }) => {
    server.answer(bad, json(pod, 201));
    await clientOf(server)
      .client.create(pods, pod)
      .catch(() => {});
    expect(server.requests).toHaveLength(requests);
  });

  it.each([
    { uid: 'u', requests: 2 },
    { uid: undefined, requests: 1 },
  ])('that deletes with UID $uid makes $requests attempts', async ({ uid, requests }) => {
    server.answer(reset, json({}));
    await clientOf(server)
      .client.delete(pods, ref, { uid })
      .catch(() => {});
    expect(server.requests).toHaveLength(requests);
  });

  it('waits as long as the server asks before it is repeated', async () => {
    server.answer(failure(429, 'TooManyRequests', { 'retry-after': '1' }), json(pod));
    const from = performance.now();
    await clientOf(server).client.get(pods, ref);
    expect(performance.now() - from).toBeGreaterThan(1000);
  });

  it('fails at once when the wait does not fit into its time, and says how long it would be', async () => {
    server.answer(failure(503, 'ServiceUnavailable', { 'retry-after': '3600' }));
    const error = await errorOf(clientOf(server).client.get(pods, ref));
    expect(error).toMatchObject({ code: 503, retryAfterMs: 3_600_000 });
    expect(server.requests).toHaveLength(1);
  });

  it('gives up after its retries', async () => {
    server.answer(reset);
    const error = await errorOf(clientOf(server, { retries: 2 }).client.get(pods, ref));
    expect(error).toMatchObject({ code: 'connection', class: 'retry' });
    expect(error.cause).toBeInstanceOf(Error);
    expect(server.requests).toHaveLength(3);
  });

  it.each([
    { what: 'a server that never answers', bad: silence },
    { what: 'an answer that stops in the middle', bad: pieces(['{"meta'], 'stay') },
    { what: 'an answer that drips', bad: pieces([...'{"metadata": {"name": "a"}}'], 'close', 100) },
  ])('ends in its time on $what', async ({ bad }) => {
    server.answer(bad);
    const from = performance.now();
    const error = await errorOf(clientOf(server, { timeoutMs: 300 }).client.get(pods, ref));
    expect(error).toMatchObject({ code: 'timeout', class: 'retry' });
    expect(performance.now() - from).toBeLessThan(5000);
  });

  it('ends when its caller says so', async () => {
    server.answer(silence);
    const stop = new AbortController();
    const error = errorOf(clientOf(server).client.get(pods, ref, { signal: stop.signal }));
    setTimeout(() => stop.abort(), 50);
    expect((await error).code).toBe('aborted');
  });

  it('is sent to nobody when the port is closed, and says so', async () => {
    await server.close();
    const error = await errorOf(clientOf(server, { retries: 1 }).client.create(pods, pod));
    expect(error.code).toBe('connection');
    expect(error.message).toContain('ECONNREFUSED');
  });

  it('takes new credentials once when the old ones are rejected', async () => {
    let token = 0;
    server.answer(failure(401, 'Unauthorized'), json(pod));
    const { client } = clientOf(server, { headers: () => ({ authorization: `Bearer ${++token}` }) });
    await client.get(pods, ref);
    expect(server.headers.map((headers) => headers.authorization)).toEqual(['Bearer 1', 'Bearer 2']);
    server.answer(failure(401, 'Unauthorized'));
    expect((await errorOf(client.get(pods, ref))).code).toBe(401);
    expect(server.requests).toHaveLength(4);
  });

  it('that writes asks the fence before every attempt, repetitions included', async () => {
    let leading = true;
    const { client } = clientOf(server, {
      fence: () => {
        if (!leading) throw new ApiError({ attempted: 'writing', code: 'not_leader' });
      },
    });
    server.answer((request, response) => {
      leading = false;
      failure(503, 'ServiceUnavailable')(request, response);
    });
    const patch = { type: 'merge', body: { metadata: { labels: { x: '1' } } } } as const;
    const error = await errorOf(client.patch(pods, ref, patch));
    expect(error).toMatchObject({ code: 'not_leader', class: 'terminal' });
    expect(server.requests).toHaveLength(1);
    server.answer(json(pod));
    await client.get(pods, ref);
    expect(server.requests).toHaveLength(2);
  });
});

describe('the verbs', () => {
  it.each([
    { type: 'merge', content: 'application/merge-patch+json', query: 'fieldManager=tester' },
    { type: 'json', content: 'application/json-patch+json', query: 'fieldManager=tester' },
    { type: 'apply', content: 'application/apply-patch+yaml', query: 'fieldManager=tester&force=true' },
  ] as const)('patch ($type) the status with the right content type', async ({ type, content, query }) => {
    const { client } = clientOf(server);
    const patches = {
      merge: { type: 'merge', body: { status: {} } },
      json: { type: 'json', operations: [{ op: 'remove', path: '/status' }] },
      apply: { type: 'apply', body: pod },
    } as const;
    await client.patch(pods, ref, patches[type], { subresource: 'status' });
    expect(server.requests).toEqual([`PATCH /api/v1/namespaces/default/pods/a/status?${query}`]);
    expect(server.headers[0]?.['content-type']).toBe(content);
  });

  it('delete nothing but the object that is meant', async () => {
    await clientOf(server).client.delete(pods, ref, {
      uid: 'u',
      resourceVersion: '5',
      gracePeriodSeconds: 0,
    });
    expect(JSON.parse(server.bodies[0] ?? '')).toEqual({
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      gracePeriodSeconds: 0,
      preconditions: { uid: 'u', resourceVersion: '5' },
    });
  });

  it.each([
    { what: 'an empty name', bad: { namespace: 'default', name: '' } },
    { what: 'no namespace', bad: { name: 'a' } },
  ])('never address a whole collection by $what', async ({ bad }) => {
    await expect(clientOf(server).client.delete(pods, bad)).rejects.toThrow(TypeError);
    expect(server.requests).toEqual([]);
  });

  it('escape what they put into a path', async () => {
    await clientOf(server).client.get(pods, { namespace: 'default', name: '../../x?y' });
    expect(server.requests).toEqual(['GET /api/v1/namespaces/default/pods/..%2F..%2Fx%3Fy']);
  });

  it('list a page, with the kind that its items leave out', async () => {
    const { apiVersion: _a, kind: _k, ...item } = pod;
    server.answer(json({ metadata: { resourceVersion: '9', continue: 'more' }, items: [item] }));
    const page = await clientOf(server).client.list(pods, { limit: 1, labelSelector: 'a=b' });
    expect(page).toEqual({ items: [pod], resourceVersion: '9', continueToken: 'more' });
    expect(server.requests).toEqual(['GET /api/v1/pods?labelSelector=a%3Db&limit=1']);
  });
});
