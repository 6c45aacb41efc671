import process from 'node:process';
import library from 'whatsapp-web.js';
import { SandboxClient } from '../src/client.ts';

/**
 * A bot that answers every message with its own words. It is an ordinary whatsapp-web.js program; only the
 * browser's arguments send it to the sandbox.
 */
const sandbox = new SandboxClient(process.env['SANDBOX_CONTROL_URL'] ?? 'http://127.0.0.1:8080');
const phoneNumber = process.env['PHONE_NUMBER'] ?? '491510000001';
const { args } = await sandbox.call('browserArgs', {});

const client = new library.Client({
  authStrategy: new library.LocalAuth({ dataPath: process.env['PROFILE'] ?? './echo-bot-profile' }),
  webVersionCache: { type: 'none' },
  pairWithPhoneNumber: { phoneNumber },
  puppeteer: {
    executablePath: process.env['SANDBOX_CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', ...args],
  },
});
client.on('code', (code) => console.log(`the phone enters ${code}`));
client.on('ready', () => console.log(`ready as ${client.info.wid.user}`));
client.on('message', async (message) => {
  console.log(`${message.from}: ${message.body}`);
  await message.reply(message.body);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void client.destroy().then(() => process.exit());
  });
}
await client.initialize();
