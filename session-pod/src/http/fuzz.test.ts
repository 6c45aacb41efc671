import { type Problem, problemKinds, type Route, routes } from '@whatsapp-operator/api/session';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { KEY, rawExchange, startTestPod, type TestPod } from './testing/test-pod.ts';

/** The only answers above 499 that any request may get; each is documented, and none of them is a bug. */
const DOCUMENTED = [503, 504, 507];

// Hundreds of requests each, with a disk that others use too.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let pod: TestPod;
beforeAll(async () => {
  pod = await startTestPod({
    MEDIA_FETCH_TIMEOUT: '1s',
    SENDING_RATE_PER_MINUTE: '6000',
    WEBHOOKS: '[{"id": "crm", "url": "https://example.com/", "enabled": false}]',
  });
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
  fc.oneof(
    fc.constantFrom('wait', 'timeout', 'limit', 'cursor', 'status', 'to', 'format', 'after', 'types'),
    awkward,
  ),
  fc.oneof(
    awkward,
    fc.constantFrom('sent', '0', '0.1s', '-1', '1e9', 'NaN', 'queued', 'png', 'text', 'message'),
  ),
  { maxKeys: 4 },
);

function expectDocumented(status: number, answer: unknown, what: string): void {
  if (status < 400) return;
  const problem = answer as Problem;
  expect(problem, what).toMatchObject({ status, title: problemKinds[problem.code].title });
  if (status >= 500) expect(DOCUMENTED, what).toContain(status);
}

/** What stands in a path: often what could be there. */
const inPath = fc.oneof(
  awkward,
  fc.constantFrom('3EB0000000000000000000', '491510000002', '4915700000000@c.us', '120363025246125486@g.us'),
);
/** Of webhooks most often one that is there. */
const webhookInPath = fc.oneof({ weight: 3, arbitrary: fc.constantFrom('other', 'crm') }, awkward);

/** Disabled, so that nothing is asked of a name server. */
const WEBHOOK = { id: 'other', url: 'https://example.com/', enabled: false };
const VALID = { to: '491510000002', content: { type: 'text', text: 'x' } };

const encode = (text: string): string => encodeURIComponent(text.toWellFormed());

interface Attempt {
  readonly sent: unknown;
  readonly asked: Readonly<Record<string, string>>;
  readonly parts: readonly string[];
  readonly webhook: string;
  /** Without a body where the route takes none. */
  readonly bare: boolean;
  /** Most routes need the one or the other. */
  readonly session: 'Connected' | 'QRCode' | 'PairingCode';
}

const attempt: fc.Arbitrary<Attempt> = fc.record({
  sent: fc.oneof(
    body,
    fc.constantFrom<unknown>(undefined, {}, { phoneNumber: '+49 1510 000002' }, VALID, WEBHOOK),
  ),
  asked: fc.oneof(query, fc.constant({})),
  parts: fc.array(inPath, { minLength: 1, maxLength: 1 }),
  webhook: webhookInPath,
  bare: fc.boolean(),
  session: fc.constantFrom('Connected', 'QRCode', 'PairingCode'),
});

/** Makes one request, checks what comes back, and gives its status. */
async function make(route: Route, { sent, asked, parts, webhook, bare, session }: Attempt): Promise<number> {
  const since = 1_800_000_000_000;
  if (session === 'Connected') pod.engine.connect();
  else if (session === 'QRCode') pod.engine.pair({ method: session, qr: '2@a,b,c', since });
  else pod.engine.pair({ method: session, code: 'ABCD1234', phoneNumber: '491510000001', since });
  const part = route.tag === 'Webhooks' ? webhook : (parts[0] ?? '');
  const path = route.path.replaceAll(/:\w+/g, () => encode(part) || '-');
  const search = new URLSearchParams(
    Object.entries(asked).map(([name, value]) => [name, value.toWellFormed()]),
  );
  const url = `${path}?${search}`;
  const { status, body: answer } = await pod.call(
    route.method,
    url,
    route.method === 'GET' || (bare && route.body === undefined) ? undefined : sent,
  );
  expectDocumented(status, answer, `${route.method} ${url} ${JSON.stringify(sent)}`);
  return status;
}

/** Routes that nothing random can succeed on: the id is made by the server. */
const UNREACHABLE: readonly string[] = ['getMessage', 'cancelMessage', 'getEventMedia'];

test.each(Object.entries<Route>(routes))(
  '%s: whatever comes in, a documented answer goes out',
  async (name, route) => {
    const statuses = new Set<number>();
    await fc.assert(
      fc.asyncProperty(attempt, async (given) => {
        statuses.add(await make(route, given));
      }),
      { numRuns: 150 },
    );
    // The attempts get behind the validation, too.
    if (!UNREACHABLE.includes(name)) expect([...statuses].some((status) => status < 300)).toBe(true);
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
  const statuses = new Set<number>();
  const garbage = fc.string({ unit: 'binary', maxLength: 60 });
  const line = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.constantFrom(
        'POST /api/v1/messages HTTP/1.1',
        'GET /api/v1/session HTTP/1.1',
        'GET /nowhere HTTP/1.1',
        'GET //..//%00 HTTP/1.1',
        'GET http://elsewhere/api/v1/session HTTP/1.1',
        'OPTIONS * HTTP/1.1',
        'CONNECT elsewhere:443 HTTP/1.1',
        'HEAD /api/v1/messages HTTP/1.0',
        'PRI * HTTP/2.0',
      ),
    },
    { weight: 1, arbitrary: garbage },
  );
  const header = fc.oneof(
    {
      weight: 20,
      arbitrary: fc.constantFrom(
        // Often, so that some get past it.
        ...Array.from({ length: 8 }, () => `X-Api-Key: ${KEY}`),
        'Content-Type: application/json',
        'Content-Type: multipart/form-data; boundary=b',
        'Content-Length: 10',
        'Content-Length: 99999999999',
        'Transfer-Encoding: chunked',
        'Expect: 100-continue',
        'Expect: nonsense',
        'Connection: Upgrade\r\nUpgrade: websocket',
        'Content-Encoding: gzip',
        'Idempotency-Key: \x7f',
        'Accept: ;;;,/',
      ),
    },
    { weight: 1, arbitrary: garbage },
  );
  await fc.assert(
    fc.asyncProperty(
      line,
      fc.array(header, { maxLength: 4 }),
      fc.string({ unit: 'binary', maxLength: 100 }),
      async (first, headers, rest) => {
        const bytes = `${[first, 'Host: x', ...headers, 'Connection: close'].join('\r\n')}\r\n\r\n${rest}`;
        const answer = await rawExchange(pod.apiPort, bytes, true);
        const status = Number(/^HTTP\/1.1 (\d{3})/.exec(answer)?.[1] ?? 0);
        statuses.add(status);
        if (status >= 500) expect(DOCUMENTED, JSON.stringify(bytes)).toContain(status);
      },
    ),
    { numRuns: 400 },
  );
  expect([...statuses]).toEqual(expect.arrayContaining([200, 400, 401, 404]));
  expect((await pod.call('GET', '/api/v1/session')).status).toBe(200);
});

test('none of it was a failure inside', () => {
  expect(
    pod.logged.filter((line) => line.includes('"level":"error"') || line.includes('"level":"fatal"')),
  ).toEqual([]);
});
