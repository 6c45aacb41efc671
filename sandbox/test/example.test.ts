import { spawn } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, inject, test } from 'vitest';
import { EXECUTABLE } from './support/session.ts';
import { closeAll, newAccount, newProfile, sandbox, until } from './support/world.ts';

const FRIEND = '4915700000000@c.us';

afterAll(closeAll);

test('the example bot of the README links itself and answers', async () => {
  const number = await newAccount(true);
  const bot = spawn(process.execPath, [fileURLToPath(new URL('../examples/echo-bot.ts', import.meta.url))], {
    env: {
      ...process.env,
      SANDBOX_CONTROL_URL: inject('controlUrl'),
      SANDBOX_CHROMIUM: EXECUTABLE,
      PHONE_NUMBER: number,
      PROFILE: await newProfile(),
    },
  });
  let output = '';
  bot.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const exit = new Promise((resolve) => bot.once('exit', resolve));
  try {
    await until('it is ready', () => output.includes(`ready as ${number}`));
    await sandbox.call('inject', {
      params: { number },
      body: { chat: FRIEND, content: { kind: 'text', body: 'is anybody there?' } },
    });
    await until('it answered', async () => {
      const messages = await sandbox.call('listMessages', { params: { number, chat: FRIEND }, query: {} });
      return messages.length === 2;
    });
    const { outbound, inbound } = await sandbox.call('audit', { query: { account: number } });
    const sound = { lost: [], duplicated: [], unexpected: [], reordered: [] };
    expect({ outbound, inbound }).toEqual({ outbound: sound, inbound: sound });
  } finally {
    bot.kill('SIGTERM');
    await exit;
  }
});
