import { spawn } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { EXECUTABLE } from './support/session.ts';
import { beginFault, closeAll, linkedProfile, pause, sandbox, until } from './support/world.ts';

afterAll(closeAll);

/** Runs a plain program with the library; puppeteer kills its browser when it exits. */
async function runBare(profile: string) {
  const { args } = await sandbox.call('browserArgs', {});
  const script = fileURLToPath(new URL('./support/bare-client.ts', import.meta.url));
  const child = spawn(process.execPath, [script, profile, EXECUTABLE, ...args]);
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { exit, output: () => output };
}

test('a page that goes where no WhatsApp is ends a program without handlers: unhandled "auth timeout", exit 1', async () => {
  const { number, profile } = await linkedProfile();
  const program = await runBare(profile);
  await until('it is ready', () => program.output().includes('ready'));
  await beginFault(number, { kind: 'navigate', url: '/nowhere' });
  expect(await program.exit).toBe(1);
  expect(program.output()).toContain('auth timeout');
});

test('a reload while the library waits for the connection ends it too: destroyed context, exit 1', async () => {
  const { number, profile } = await linkedProfile();
  const end = await beginFault(number, { kind: 'blackhole-socket' });
  const program = await runBare(profile);
  await until('the page has come', async () => {
    const { devices } = await sandbox.call('getAccount', { params: { number } });
    return devices[0]?.connected;
  });
  await pause(300);
  // Held back behind the welcome; the page obeys it before it has taken the welcome in.
  await beginFault(number, { kind: 'reload' });
  await end();
  expect(await program.exit).toBe(1);
  expect(program.output()).toMatch(/context|detached/i);
});
