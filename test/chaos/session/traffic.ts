import { setTimeout as sleep } from 'node:timers/promises';
import type { MessageResource } from '../../../api/src/session/index.ts';
import type { Random } from '../../../sandbox/src/random.ts';
import type { Accepted } from './verdict.ts';

/** How the API turned a call down, and how often. Lost connections are `connection`. */
export type Refusals = Readonly<Record<string, number>>;

/** What the callers of one run got. */
export interface Traffic {
  /** By chat, in the order of the answers. */
  readonly accepted: readonly Accepted[];
  readonly refusals: Refusals;
  /** Calls repeated although they had been answered, as a caller does who lost the answer. */
  readonly repeated: number;
  /** Answers to repeated calls that named another message. Any is a breach. */
  readonly otherAnswer: readonly string[];
}

/** Status codes with which a call in order may be turned down, to be repeated. */
const documented: readonly number[] = [429, 503, 507];

/** An answer that the contract does not know for a call that is in order: a breach by itself. */
export class UndocumentedAnswer extends Error {
  override readonly name = 'UndocumentedAnswer';
}

/** Talks to a session pod that is killed all the time. */
export class ApiClient {
  readonly #url: string;
  readonly #key: string;

  constructor(url: string, key: string) {
    this.#url = url;
    this.#key = key;
  }

  async request(path: string, init: RequestInit = {}): Promise<Response> {
    return await fetch(`${this.#url}/api/v1${path}`, {
      ...init,
      headers: { 'x-api-key': this.#key, ...init.headers },
      signal: AbortSignal.timeout(10_000),
    });
  }

  /** Every message that the pod knows, in all states. */
  async messages(): Promise<readonly MessageResource[]> {
    const all: MessageResource[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const response = await this.request(`/messages?limit=1000${query}`);
      if (!response.ok) throw new Error(`the API answers ${response.status}: ${await response.text()}`);
      const page = (await response.json()) as { messages: MessageResource[]; next: string | null };
      all.push(...page.messages);
      cursor = page.next;
    }
    return all;
  }
}

export interface Load {
  /** Ids of the chats. */
  readonly chats: readonly string[];
  /** Messages in all. */
  readonly messages: number;
  /** Of all chats together. */
  readonly perSecond: number;
  /** What every text and key of the run begins with. */
  readonly run: string;
}

/**
 * One caller per chat, who goes on to the next message only when the one before was answered with 202, and
 * repeats a call under the same key until it is. One in twenty answered calls is made again. Throws
 * UndocumentedAnswer.
 */
export async function sendAll(client: ApiClient, load: Load, random: Random): Promise<Traffic> {
  const refusals: Record<string, number> = {};
  const otherAnswer: string[] = [];
  let repeated = 0;

  async function attempt(chat: string, text: string): Promise<string | undefined> {
    const response = await client.request('/messages', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': text },
      body: JSON.stringify({ to: chat, content: { type: 'text', text } }),
    });
    const answer = await response.text();
    if (response.status === 202) return (JSON.parse(answer) as MessageResource).id;
    if (!documented.includes(response.status)) {
      throw new UndocumentedAnswer(`${text} was answered ${response.status}: ${answer.slice(0, 500)}`);
    }
    note(String(response.status));
    return undefined;
  }

  const note = (kind: string) => {
    refusals[kind] = (refusals[kind] ?? 0) + 1;
  };

  async function send(chat: string, text: string): Promise<string> {
    for (;;) {
      const id = await attempt(chat, text).catch((error: unknown) => {
        if (error instanceof UndocumentedAnswer) throw error;
        note('connection');
        return undefined;
      });
      if (id !== undefined) return id;
      await sleep(200 + 200 * random());
    }
  }

  const perChat = Math.ceil(load.messages / load.chats.length);
  const pauseMs = (1000 * load.chats.length) / load.perSecond;

  async function talk(chat: string, index: number): Promise<readonly Accepted[]> {
    const accepted: Accepted[] = [];
    const count = Math.min(perChat, load.messages - index * perChat);
    for (let number = 0; number < count; number++) {
      const text = `${load.run}/${index}/${number}`;
      const id = await send(chat, text);
      accepted.push({ chat, text, id });
      if (random() < 0.05) {
        repeated++;
        const again = await send(chat, text);
        if (again !== id) otherAnswer.push(`${text}: ${id}, then ${again}`);
      }
      await sleep(pauseMs * (0.5 + random()));
    }
    return accepted;
  }

  const accepted = (await Promise.all(load.chats.map(talk))).flat();
  return { accepted, refusals, repeated, otherAnswer };
}
