import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { routes } from './control/contract.ts';
import { startTestSandbox, type TestSandbox } from './testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'sandbox-start-'));
const running: TestSandbox[] = [];

afterEach(async () => {
  for (const sandbox of running.splice(0)) await sandbox.stop();
});
afterAll(() => rmSync(folder, { recursive: true }));

async function start(environment: Readonly<Record<string, string>> = {}) {
  const sandbox = await startTestSandbox(environment);
  running.push(sandbox);
  return { sandbox, client: sandbox.client };
}

const stop = async (sandbox: TestSandbox) => {
  running.splice(running.indexOf(sandbox), 1);
  await sandbox.stop();
};

test('prints the arguments that send a browser here and nowhere else', async () => {
  const { sandbox, client } = await start();
  const { args } = await client.call('browserArgs', {});
  expect(args).toEqual(sandbox.browserArgs);
  expect(args).toEqual([
    `--host-resolver-rules=MAP web.whatsapp.com 127.0.0.1:${sandbox.webPort}, MAP *.whatsapp.net 127.0.0.1:${sandbox.webPort}, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1`,
    expect.stringMatching(/^--ignore-certificate-errors-spki-list=[A-Za-z0-9+/]{43}=$/),
  ]);
});

test('an advertised address stands in the arguments', async () => {
  const { sandbox } = await start({ SANDBOX_ADVERTISED_ADDRESS: 'sandbox.test.svc:443' });
  expect(sandbox.browserArgs[0]).toContain('MAP web.whatsapp.com sandbox.test.svc:443');
});

test('whoever reaches it elsewhere asks for the arguments with that address', async () => {
  const { sandbox, client } = await start();
  const { args } = await client.call('browserArgs', { query: { address: '10.0.0.7:443' } });
  expect(args).toEqual([
    '--host-resolver-rules=MAP web.whatsapp.com 10.0.0.7:443, MAP *.whatsapp.net 10.0.0.7:443, MAP * ~NOTFOUND, EXCLUDE 10.0.0.7',
    sandbox.browserArgs[1],
  ]);
});

test.for(['nowhere', 'host:1, MAP * other', 'two words:443', 'host:port'])(
  'an address that would be no single host and port is refused: %s',
  async (address) => {
    const { client } = await start();
    await expect(client.call('browserArgs', { query: { address } })).rejects.toMatchObject({
      status: 400,
      code: 'REQUEST_INVALID',
    });
  },
);

test('key, accounts and ledger survive a restart', async () => {
  const first = await start({ SANDBOX_DATA: folder, SANDBOX_ACCOUNTS: '2' });
  const params = { number: '491510000001' };
  const content = { kind: 'text', body: 'kept' } as const;
  await first.client.call('inject', { params, body: { chat: '4915700000000@c.us', content } });
  const ledger = await first.client.call('ledger', {});
  await stop(first.sandbox);

  const second = await start({ SANDBOX_DATA: folder, SANDBOX_ACCOUNTS: '2' });
  expect(second.sandbox.browserArgs[1]).toBe(first.sandbox.browserArgs[1]);
  expect(await second.client.call('ledger', {})).toEqual(ledger);
  expect(await second.client.call('exportLedger', {})).toEqual(ledger);
  expect((await second.client.call('listAccounts', {})).map(({ number }) => number)).toEqual([
    '491510000001',
    '491510000002',
  ]);
  const again = await second.client.call('inject', { params, body: { chat: '4915700000000@c.us', content } });
  expect(ledger.map(({ id }) => id)).not.toContain(again.id);
});

test.for([
  [
    'an account that is not there',
    'getAccount',
    { params: { number: '4915199999999' } },
    404,
    'ACCOUNT_UNKNOWN',
  ],
  ['a number that is none', 'createAccount', { body: { number: '12' } }, 400, 'REQUEST_INVALID'],
  ['an account that exists', 'createAccount', { body: { number: '491510000001' } }, 409, 'ACCOUNT_EXISTS'],
  [
    'a QR code that is none',
    'scan',
    { params: { number: '491510000001' }, body: { qr: 'x' } },
    400,
    'QR_MALFORMED',
  ],
  [
    'a scan of the page that waits while none does',
    'scan',
    { params: { number: '491510000001' }, body: {} },
    400,
    'REQUEST_INVALID',
  ],
  ['a fault that is not in force', 'clearFault', { params: { id: 'fault-9' } }, 404, 'FAULT_UNKNOWN'],
] as const)('refuses %s with its code', async ([, name, input, status, code]) => {
  const { client } = await start();
  const call = client.call as (name: string, input: object) => Promise<unknown>;
  await expect(call.call(client, name, input)).rejects.toMatchObject({ status, code });
});

test('an unknown path and a body that is no JSON are refused with a code', async () => {
  const { sandbox } = await start();
  const unknown = await fetch(`${sandbox.controlUrl}/nowhere`);
  expect([unknown.status, await unknown.json()]).toMatchObject([404, { error: { code: 'NOT_FOUND' } }]);
  const broken = await fetch(`${sandbox.controlUrl}/accounts`, { method: 'POST', body: '{' });
  expect([broken.status, await broken.json()]).toMatchObject([400, { error: { code: 'REQUEST_INVALID' } }]);
});

test('a port that is taken is named, with what to do, and nothing stays behind', async () => {
  const { sandbox } = await start();
  const taken = String(new URL(sandbox.controlUrl).port);
  await expect(startTestSandbox({ SANDBOX_CONTROL_PORT: taken })).rejects.toMatchObject({
    code: 'PORT_UNUSABLE',
    message: expect.stringContaining('SANDBOX_CONTROL_PORT'),
  });
});

test('the OpenAPI document names every route once', async () => {
  const { sandbox } = await start();
  const document = (await (await fetch(`${sandbox.controlUrl}/openapi.json`)).json()) as {
    readonly openapi: string;
    readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>;
  };
  expect(document.openapi).toBe('3.1.0');
  const operations = Object.values(document.paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  );
  expect(operations.sort()).toEqual(Object.keys(routes).sort());
});

test('timing can be changed while it runs', async () => {
  const { client } = await start();
  expect(await client.call('setTiming', { body: { serverMs: 99 } })).toMatchObject({
    serverMs: 99,
    deviceMs: 30,
  });
  expect(await client.call('getTiming', {})).toMatchObject({ serverMs: 99 });
});
