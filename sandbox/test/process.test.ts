import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { EXECUTABLE } from './support/session.ts';
import { beginFault, closeAll, linkedProfile, sandbox, until, within } from './support/world.ts';

const running: ChildProcess[] = [];

// SIGTERM: puppeteer ends its browser with the program.
afterAll(async () => {
  for (const child of running) child.kill();
  await closeAll();
});

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
  running.push(child);
  return { exit, output: () => output, reload: () => child.stdin.write('reload\n') };
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
  const before = await sandbox.call('getTiming', {});
  // So patient that the page waits for its welcome, and the library for the page, as long as the test needs.
  await sandbox.call('setTiming', { body: { keepaliveMs: 600_000, connectTimeoutMs: 600_000 } });
  const end = await beginFault(number, { kind: 'blackhole-socket' });
  try {
    const program = await runBare(profile);
    await until('the page has come', async () => {
      const { devices } = await sandbox.call('getAccount', { params: { number } });
      return devices[0]?.connected;
    });
    // Nothing tells when the library has begun to wait: a reload before that changes nothing, and the next one does.
    while ((await within(2_000, program.exit)) === 'pending') program.reload();
    expect(await program.exit).toBe(1);
    expect(program.output()).toMatch(/context|detached/i);
  } finally {
    await end();
    await sandbox.call('setTiming', { body: before });
  }
});
