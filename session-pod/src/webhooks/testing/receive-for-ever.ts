import process from 'node:process';
import { pino } from 'pino';
import { DurableInbox, defaultInboxSettings } from '../../inbox/index.ts';
import { aMessage, ScriptedPage } from '../../inbox/testing/scripted-page.ts';
import { ScriptedSession } from '../../inbox/testing/scripted-session.ts';
import { Store } from '../../store/store.ts';
import { defaultWebhookSettings } from '../settings.ts';
import { Webhooks } from '../webhooks.ts';

/**
 * A process that receives messages as fast as it can, tells a webhook of them, and waits to be killed. Writes a line
 * for each event that the receiver got, before that answers. Some messages came while it did not run, and of half of
 * the others nobody tells it.
 */
const [folder = ''] = process.argv.slice(2);
const CHATS = ['5511911111111@c.us', '5511922222222@c.us', '5511933333333@c.us'];

const fail = (error: unknown): never => {
  console.error(error);
  process.exit(1);
};
const store = Store.open({ folder });
const log = pino({ level: 'silent' });
const page = new ScriptedPage();
const engine = new ScriptedSession(Date.now, page);
const inbox = new DurableInbox({
  store,
  engine,
  settings: { ...defaultInboxSettings, historyMs: 1e12, reconcileIntervalMs: 20 },
  isOurs: () => false,
  log,
  onFatal: fail,
});
const webhooks = new Webhooks({
  store,
  log: inbox.events,
  courier: {
    post: async (_url, body) => {
      const { sequence } = JSON.parse(body) as { readonly sequence: number };
      process.stdout.write(`${sequence}\n`);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
      return Math.random() < 0.1
        ? { kind: 'unanswered', detail: 'moody' }
        : { kind: 'answered', status: 200, retryAfterMs: undefined };
    },
  },
  session: 'test',
  settings: { ...defaultWebhookSettings, backoffBaseMs: 5, backoffMaxMs: 20 },
  configured: [{ id: 'crm', url: 'https://example.com/', secrets: [], enabled: true, after: 0 }],
  logger: log,
  onFatal: fail,
});

let count = 0;
function arrive() {
  const message = aMessage(CHATS[count % CHATS.length] ?? '', ++count);
  page.add(message);
  return message;
}

const known = Number(store.database.prepare('SELECT count(*) AS n FROM known_messages').get()?.['n']);
while (count < known + 50) arrive();
webhooks.start();
inbox.start();
engine.connect();
setInterval(() => {
  const message = arrive();
  if (Math.random() < 0.5) engine.tellMessage(message);
}, 1);
