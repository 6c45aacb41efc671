import { setTimeout as sleep } from 'node:timers/promises';
import { CoreV1Api } from '@kubernetes/client-node';
import { SessionApi, untilAnswered } from '../demo/session-api.ts';
import { budgets } from './budgets.ts';
import type { TestNamespace } from './namespace.ts';
import { forwardPort } from './port-forward.ts';
import type { SessionSandbox } from './session-sandbox.ts';

/**
 * The accounts of a test's sessions and what is sent through them. Every accepted message is remembered, and `reckon`
 * compares that with what the recipients really got.
 */
export interface Post {
  /** Has the phone of the session's own account scan the code that the session shows. Returns the account's id. */
  readonly scan: (session: string) => Promise<string>;
  /** Hands messages over to the session's API, one after the other, until each is accepted. */
  readonly send: (session: string, count?: number) => Promise<void>;
  /** Waits until everything accepted so far has arrived, then holds the sandbox's ledger against it. */
  readonly reckon: (session: string) => Promise<Reckoning>;
  readonly numberOf: (session: string) => string;
}

/** What is wrong between what was accepted and what arrived, and how often the account was linked. */
export interface Reckoning {
  readonly accepted: number;
  readonly missing: readonly string[];
  readonly doubled: readonly string[];
  readonly unknown: readonly string[];
  readonly linkedDevices: number;
}

interface Account {
  readonly number: string;
  readonly friend: string;
  readonly accepted: string[];
}

export function openPost(namespace: TestNamespace, sandbox: SessionSandbox): Post {
  const core = namespace.target.kubeConfig.makeApiClient(CoreV1Api);
  const accounts = new Map<string, Account>();

  const withApi = async <T>(session: string, work: (api: SessionApi) => Promise<T>): Promise<T> => {
    const secret = await core.readNamespacedSecret({ name: `${session}-api-key`, namespace: namespace.name });
    const key = Buffer.from(secret.data?.['api-key'] ?? '', 'base64').toString();
    const forwarded = await forwardPort(namespace, async () => session, 3000);
    try {
      return await work(new SessionApi(`http://127.0.0.1:${forwarded.port}`, key));
    } finally {
      await forwarded.close();
    }
  };
  const accountOf = (session: string): Account => {
    const account = accounts.get(session);
    if (account === undefined) throw new Error(`the session ${session} has no account yet`);
    return account;
  };
  const open = async (session: string): Promise<Account> => {
    const known = accounts.get(session);
    if (known !== undefined) return known;
    const number = `49151000001${String(accounts.size).padStart(2, '0')}`;
    // Before anything is waited for: sessions are linked side by side.
    const account = { number, friend: '', accepted: [] };
    accounts.set(session, account);
    await sandbox.client.call('createAccount', { body: { number, contacts: 1 } });
    const [friend] = await sandbox.client.call('listContacts', { params: { number } });
    if (friend === undefined) throw new Error('the account knows nobody');
    const complete = { ...account, friend: friend.jid };
    accounts.set(session, complete);
    return complete;
  };
  const delivered = async (number: string): Promise<readonly string[]> => {
    const entries = await sandbox.client.call('ledger', { query: { account: number, kind: 'delivered' } });
    return entries.map(({ detail }) => detail ?? '');
  };
  return {
    numberOf: (session) => accountOf(session).number,
    scan: async (session) => {
      const { number } = await open(session);
      await untilAnswered('the phone scanning the code', budgets.linked * 1000, () =>
        withApi(session, async (api) =>
          sandbox.client.call('scan', { params: { number }, body: { qr: await api.qr('json') } }),
        ),
      );
      return `${number}@c.us`;
    },
    send: async (session, count = 1) => {
      const { accepted, friend } = accountOf(session);
      for (let index = 0; index < count; index += 1) {
        const text = `${session} ${accepted.length + 1}`;
        await untilAnswered(`accepting "${text}"`, budgets.back * 1000, () =>
          withApi(session, (api) => api.send(friend, text, text.replace(' ', '-'), 15_000)),
        );
        accepted.push(text);
      }
    },
    reckon: async (session) => {
      const { number, accepted } = accountOf(session);
      let arrived = await delivered(number);
      for (
        const deadline = performance.now() + budgets.delivered * 1000;
        accepted.some((text) => !arrived.includes(text)) && performance.now() < deadline;
        await sleep(300)
      )
        arrived = await delivered(number);
      const { devices } = await sandbox.client.call('getAccount', { params: { number } });
      return {
        accepted: accepted.length,
        missing: accepted.filter((text) => !arrived.includes(text)),
        doubled: arrived.filter((text, index) => arrived.indexOf(text) !== index),
        unknown: arrived.filter((text) => !accepted.includes(text)),
        linkedDevices: devices.length,
      };
    },
  };
}
