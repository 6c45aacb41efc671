import { type Problem, problemKinds, type Route, routes } from '@whatsapp-operator/api/session';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KEY, rawExchange, startTestPod, type TestPod } from './testing/test-pod.ts';

/** The only answers above 499 that any request may get; each is documented, and none of them is a bug. */
const DOCUMENTED = [503, 504, 507];

let pod: TestPod;
beforeAll(async () => {
  pod = await startTestPod({ MEDIA_FETCH_TIMEOUT: '1s', SENDING_RATE_PER_MINUTE: '6000' });
  pod.engine.connect();
});
afterAll(() => pod.remove());

const anything = fc.anything({ withNullPrototype: false, withBigInt: false, maxDepth: 4 });
const awkward = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.constantFrom(
    '',
    ' ',
    '\0',
    '\ud800',
    '__proto__',
    '../..',
    '%00',
    '🏳️‍🌈'.repeat(50),
    '9'.repeat(400),
    'constructor',
  ),
);
const to = fc.oneof(
  awkward,
  fc.constantFrom('+55 11 91234-5678', '120363025246125486@g.us', 'status@broadcast'),
);

/** Bodies that are nearly right get further in than those that are nonsense. */
const content = fc.oneof(
  anything,
  fc.record({
    type: fc.constantFrom('text', 'poll', 'location', 'contacts', 'reaction', 'image', 'voice'),
    text: awkward,
  }),
  fc.record({
    type: fc.constant('text'),
    text: awkward,
    linkPreview: fc.option(fc.boolean(), { nil: undefined }),
  }),
  fc.record({ type: fc.constant('poll'), question: awkward, options: fc.array(awkward, { maxLength: 14 }) }),
  fc.record({ type: fc.constant('location'), latitude: fc.double(), longitude: fc.double(), name: awkward }),
  fc.record({
    type: fc.constant('contacts'),
    contacts: fc.array(fc.record({ name: awkward, phoneNumber: awkward })),
  }),
  fc.record({ type: fc.constant('reaction'), messageId: awkward, emoji: awkward }),
  fc.record({
    type: fc.constantFrom('image', 'video', 'audio', 'voice', 'document', 'sticker'),
    media: fc.oneof(
      anything,
      fc.record({ data: fc.oneof(awkward, fc.base64String({ maxLength: 400 })) }),
      fc.record({
        url: fc.oneof(
          awkward,
          fc.webUrl(),
          fc.constantFrom('http://127.0.0.1:1/', 'http://[::1]/', 'http://a@b/'),
        ),
      }),
      fc.record({ part: awkward }),
    ),
    filename: fc.option(awkward, { nil: undefined }),
    mimetype: fc.option(awkward, { nil: undefined }),
    caption: fc.option(awkward, { nil: undefined }),
  }),
);
const sendBody = fc.record(
  {
    to,
    content,
    replyTo: awkward,
    mentions: fc.oneof(anything, fc.array(to)),
    expiresAfterSeconds: fc.oneof(fc.integer(), anything),
  },
  { requiredKeys: ['to', 'content'] },
);
const body = fc.oneof(sendBody, anything, fc.record({ phoneNumber: to }));
const query = fc.dictionary(
  fc.oneof(fc.constantFrom('wait', 'timeout', 'limit', 'cursor', 'status', 'to', 'format'), awkward),
  fc.oneof(awkward, fc.constantFrom('sent', '0', '0.1s', '-1', '1e9', 'NaN', 'queued', 'png', 'text')),
  { maxKeys: 4 },
);

function expectDocumented(status: number, answer: unknown, what: string): void {
  if (status < 400) return;
  const problem = answer as Problem;
  expect(problem, what).toMatchObject({ status, title: problemKinds[problem.code].title });
  if (status >= 500) expect(DOCUMENTED, what).toContain(status);
}

const encode = (text: string): string => encodeURIComponent(text.toWellFormed());

test.each(Object.entries<Route>(routes))(
  '%s: whatever comes in, a documented answer goes out',
  async (_name, route) => {
    await fc.assert(
      fc.asyncProperty(
        body,
        query,
        fc.array(awkward, { minLength: 2, maxLength: 2 }),
        async (sent, asked, inPath) => {
          // A session that is on its way again refuses nearly everything: back to Connected or Pairing.
          if (Math.random() < 0.5) pod.engine.connect();
          else pod.engine.pair({ method: 'QRCode', qr: '2@a,b,c', since: 1_800_000_000_000 });
          let part = 0;
          const path = route.path.replaceAll(/:\w+/g, () => encode(inPath[part++] ?? '') || '-');
          const search = new URLSearchParams(
            Object.entries(asked).map(([name, value]) => [name, value.toWellFormed()]),
          );
          const answer = await pod.call(
            route.method,
            `${path}?${search}`,
            route.method === 'GET' ? undefined : (sent ?? null),
          );
          expectDocumented(
            answer.status,
            answer.body,
            `${route.method} ${path}?${search} ${JSON.stringify(sent)}`,
          );
        },
      ),
      { numRuns: 120 },
    );
  },
);

test('multipart of any parts: a documented answer, and no file stays but for accepted messages', async () => {
  const parts = fc.array(
    fc.tuple(
      fc.oneof(fc.constantFrom('to', 'type', 'message', 'file', 'caption'), awkward),
      fc.boolean(),
      awkward,
    ),
    {
      maxLength: 6,
    },
  );
  await fc.assert(
    fc.asyncProperty(parts, async (given) => {
      const form = new FormData();
      for (const [name, isFile, value] of given) {
        if (isFile) form.append(name, new Blob([value.toWellFormed()]), 'file');
        else form.append(name, value);
      }
      const answer = await pod.call('POST', '/api/v1/messages', form);
      expectDocumented(answer.status, answer.body, JSON.stringify(given));
    }),
    { numRuns: 100 },
  );
});

test('bytes of any kind on the wire: never an undocumented 5xx, and the server goes on', async () => {
  const line = fc.oneof(
    fc.constantFrom(
      'POST /api/v1/messages HTTP/1.1',
      'GET /api/v1/session HTTP/1.1',
      'GET * HTTP/1.1',
      'PRI * HTTP/2.0',
    ),
    fc.string({ unit: 'binary', maxLength: 60 }),
  );
  const header = fc.oneof(
    fc.constantFrom(
      'Host: x',
      `X-Api-Key: ${KEY}`,
      'Content-Type: application/json',
      'Content-Type: multipart/form-data; boundary=b',
      'Content-Length: 10',
      'Transfer-Encoding: chunked',
      'Expect: 100-continue',
      'Expect: nonsense',
      'Upgrade: websocket\r\nConnection: upgrade',
      'Content-Encoding: gzip',
    ),
    fc.string({ unit: 'binary', maxLength: 60 }),
  );
  await fc.assert(
    fc.asyncProperty(
      line,
      fc.array(header, { maxLength: 6 }),
      fc.string({ unit: 'binary', maxLength: 100 }),
      async (first, headers, rest) => {
        const bytes = `${first}\r\n${headers.join('\r\n')}\r\nConnection: close\r\n\r\n${rest}`;
        const answer = await rawExchange(pod.apiPort, bytes, true);
        const status = Number(/^HTTP\/1.1 (\d{3})/.exec(answer)?.[1] ?? 0);
        if (status >= 500) expect(DOCUMENTED, JSON.stringify(bytes)).toContain(status);
      },
    ),
    { numRuns: 150 },
  );
  expect((await pod.call('GET', '/api/v1/session')).status).toBe(200);
});

test('none of it was a failure inside', () => {
  expect(
    pod.logged.filter((line) => line.includes('"level":"error"') || line.includes('"level":"fatal"')),
  ).toEqual([]);
});
