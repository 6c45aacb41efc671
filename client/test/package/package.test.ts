import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { KEY, startTestPod, type TestPod } from '../../../session-pod/src/http/testing/test-pod.ts';

const execute = promisify(execFile);
const workspace = join(import.meta.dirname, '../..');
const root = join(workspace, '..');

/** Runtimes that the package promises to work in, besides this one; fetched from the package registry. */
const RUNTIMES = { node22: 'npm:node@22.23.3', bun: '1.4.5' } as const;

let folder: string;
let pod: TestPod;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clean-'));
  await execute('npm', ['pack', '--pack-destination', folder], { cwd: workspace });
  await writeFile(join(folder, 'package.json'), '{"private":true,"type":"module"}');
  await execute(
    'npm',
    ['install', '--offline', '--no-audit', '--no-fund', './whatsapp-operator-client-0.0.0.tgz'],
    { cwd: folder },
  );
  pod = await startTestPod();
  pod.engine.connect();
});
afterAll(async () => {
  await pod?.remove();
  await rm(folder, { recursive: true, force: true });
});

const environment = () => ({ ...process.env, WHATSAPP_ENGINE_URL: pod.url, WHATSAPP_ENGINE_API_KEY: KEY });

/** What a user of the package writes first. */
const PROGRAM = `
import { createHmac } from 'node:crypto';
import { createReadStream, writeFileSync } from 'node:fs';
import { WhatsAppClient, WhatsAppError } from '@whatsapp-operator/client';
import { verifyWebhook } from '@whatsapp-operator/client/webhook';

const client = new WhatsAppClient();
writeFileSync('note.txt', 'a note');
const text = await client.send('+49 151 0000002', 'hello', { wait: 'sent' });
const file = await client.send('+49 151 0000002', { type: 'document', media: { path: 'note.txt' } }, { wait: 'sent' });
const stream = await client.send('+49 151 0000002', { type: 'document', filename: 'n.txt', media: createReadStream('note.txt') }, { wait: 'sent' });
let code;
try {
  await client.message('3EB0000000000000000000');
} catch (error) {
  code = error instanceof WhatsAppError ? error.code : String(error);
}
let aborted;
try {
  await client.send('+49 151 0000002', 'x', { signal: AbortSignal.abort(new Error('stop')) });
} catch (error) {
  aborted = error.message;
}
const timestamp = Date.now();
const verdict = verifyWebhook('{}', {
  'X-Webhook-Hmac': createHmac('sha512', 's').update(timestamp + '.{}').digest('hex'),
  'X-Webhook-Hmac-Algorithm': 'sha512',
  'X-Webhook-Timestamp': String(timestamp),
  'X-Webhook-Request-Id': '1',
}, { secrets: 's' });
console.log(JSON.stringify([text.status, file.status, stream.status, code, aborted, verdict.ok]));
`;
const EXPECTED = '["sent","sent","sent","message_not_found","stop",true]';

describe('the package, installed in a clean folder', () => {
  it('brings nothing else along', async () => {
    const { stdout } = await execute('npm', ['ls', '--all', '--parseable'], { cwd: folder });
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.replace(folder, '')),
    ).toEqual(['', '/node_modules/@whatsapp-operator/client']);
  });

  it('has no test, no source and no path of the machine that built it', async () => {
    const { stdout } = await execute('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: workspace,
    });
    const parsed = JSON.parse(stdout) as unknown;
    const [packed] = (Array.isArray(parsed) ? parsed : Object.values(parsed as object)) as {
      files: { path: string }[];
    }[];
    const paths = packed?.files.map(({ path }) => path) ?? [];
    expect(paths).toEqual(
      expect.arrayContaining([
        'LICENSE',
        'README.md',
        'package.json',
        'dist/index.js',
        'dist/cli/LICENSES.txt',
      ]),
    );
    expect(paths.filter((path) => /\.test\.|(?<!\.d)\.ts$/.test(path))).toEqual([]);
    const installed = join(folder, 'node_modules/@whatsapp-operator/client');
    for (const path of paths) expect(await readFile(join(installed, path), 'utf8')).not.toContain(root);
  });

  it('works in the Node of the project', async () => {
    await writeFile(join(folder, 'program.js'), PROGRAM);
    const { stdout } = await execute(process.execPath, ['program.js'], { cwd: folder, env: environment() });
    expect(stdout.trim()).toBe(EXPECTED);
  });

  it('has types that a strict compiler takes, without those of Node', async () => {
    const types = join(folder, 'types');
    await mkdir(types);
    await writeFile(
      join(types, 'program.ts'),
      `import { WhatsAppClient, WhatsAppError, type Message } from '@whatsapp-operator/client';
const client = new WhatsAppClient({ url: 'http://x' });
export const sent: Promise<Message> = client.send('1', { type: 'image', media: { path: 'a.png' }, caption: 'x' });
// @ts-expect-error a sticker has no caption
export const wrong = client.send('1', { type: 'sticker', media: { path: 'a.webp' }, caption: 'x' });
export const code = (error: WhatsAppError): boolean => error.code === 'not_connected';
// @ts-expect-error there is no such code
export const none = (error: WhatsAppError): boolean => error.code === 'nonsense';
`,
    );
    const options = [
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--types',
      '',
      '--skipLibCheck',
      'false',
    ];
    const { stdout } = await execute(join(root, 'node_modules/.bin/tsc'), [...options, 'program.ts'], {
      cwd: types,
    }).catch((error: { readonly stdout: string }) => error);
    expect(stdout).toBe('');
  });

  it('is bundled no further than it is used', async () => {
    const bundle = async (contents: string) => {
      const { outputFiles } = await build({
        stdin: { contents, resolveDir: folder },
        bundle: true,
        write: false,
        format: 'esm',
        platform: 'node',
        minify: true,
      });
      return outputFiles[0]?.text ?? '';
    };
    const errors = await bundle(
      "import { WhatsAppError } from '@whatsapp-operator/client'; console.log(WhatsAppError);",
    );
    expect(errors.length).toBeLessThan(1_500);
    const client = await bundle(
      "import { WhatsAppClient } from '@whatsapp-operator/client'; new WhatsAppClient();",
    );
    expect(client.length).toBeLessThan(12_000);
    expect(client).not.toContain('timingSafeEqual');
  });

  test.each(['wa', 'kubectl-was'])('has the program %s', async (program) => {
    const bin = join(folder, 'node_modules/.bin', program);
    const { stdout } = await execute(bin, ['--help'], { env: environment() });
    expect(stdout).toContain(`Usage: ${program.replace('-', ' ')}`);
    const failed = await execute(bin, ['list', '--kubeconfig', '/nowhere']).catch(
      (error: { code: number; stderr: string }) => error,
    );
    expect(failed).toMatchObject({ code: 3 });
    expect(failed.stderr).not.toContain('    at ');
  });

  it('has a command line that works on a session', async () => {
    const bin = join(folder, 'node_modules/.bin/wa');
    const { stdout } = await execute(bin, ['send', '+49 151 0000002', 'hello', '--wait', 'sent'], {
      env: environment(),
    });
    expect(stdout).toMatch(/^accepted .*\nsent /);
    expect((await execute(bin, ['status'], { env: environment() })).stdout).toContain('Ready:');
  });

  it('completes for kubectl, with the directive that it expects', async () => {
    const { stdout } = await execute(join(folder, 'node_modules/.bin/kubectl_complete-was'), ['sta']);
    expect(stdout).toBe('status\n:4\n');
  });
});

describe('other runtimes', () => {
  let runtimes: string;
  beforeAll(async () => {
    runtimes = await mkdtemp(join(tmpdir(), 'runtimes-'));
    await writeFile(
      join(runtimes, 'package.json'),
      JSON.stringify({
        private: true,
        dependencies: RUNTIMES,
        allowScripts: { node: true, node22: true, bun: true },
      }),
    );
    await execute('npm', ['install', '--no-audit', '--no-fund'], { cwd: runtimes });
  });
  afterAll(() => rm(runtimes, { recursive: true, force: true }));

  test.each([
    ['Node 22', 'node_modules/node22/bin/node'],
    ['Bun', 'node_modules/.bin/bun'],
  ])('%s runs it', async (_, runtime) => {
    await writeFile(join(folder, 'program.js'), PROGRAM);
    const { stdout } = await execute(join(runtimes, runtime), ['program.js'], {
      cwd: folder,
      env: environment(),
    });
    expect(stdout.trim()).toBe(EXPECTED);
    const wa = join(folder, 'node_modules/@whatsapp-operator/client/dist/cli/wa.js');
    expect((await execute(join(runtimes, runtime), [wa, 'status'], { env: environment() })).stdout).toContain(
      'Ready:',
    );
  });
});
