import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KEY, startTestPod, type TestPod } from '../../session-pod/src/http/testing/test-pod.ts';
import { examples } from './cli/examples.ts';
import { exitCodes, exitCodeTexts } from './cli/exit-code.ts';
import {
  DISCOVERY_PATH,
  discovery,
  type FakeCluster,
  readyCondition,
  sessionObject,
  sessionPath,
  startFakeCluster,
} from './cli/testing/fake-cluster.ts';
import { invoke } from './cli/testing/invoke.ts';

/** Everything that the README shows is run, and so are the examples of --help. */

const workspace = join(import.meta.dirname, '..');
const readme = await readFile(join(workspace, 'README.md'), 'utf8');
const blocks = (language: string): readonly string[] =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    ([, text = '']) => text,
  );

let pod: TestPod;
let cluster: FakeCluster;
let folder: string;

beforeAll(async () => {
  // Below the workspace, so that packages are found.
  folder = await mkdtemp(join(workspace, 'readme-'));
  pod = await startTestPod();
  pod.engine.connect();
  cluster = await startFakeCluster();
  cluster.objects.set(DISCOVERY_PATH, discovery);
  cluster.objects.set('/version', { major: '1', minor: '35', gitVersion: 'v1.35.0' });
  cluster.objects.set('/apis/apps/v1/deployments', {
    items: [{ metadata: { name: 'operator', namespace: 'system' }, spec: {}, status: { readyReplicas: 1 } }],
  });
  cluster.objects.set('/apis/storage.k8s.io/v1/storageclasses', { items: [] });
  cluster.objects.set('/api/v1/namespaces/shop/pods', { items: [] });
  cluster.objects.set('/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices', { items: [] });
  cluster.objects.set('/api/v1/namespaces/shop/pods/sales/log', '{"msg":"started"}\n');
  const conditions = [readyCondition('True', 'Connected', 'connected')];
  const status = { phase: 'Connected', observedGeneration: 1, podName: 'sales', conditions } as const;
  cluster.objects.set(sessionPath('sales'), sessionObject('sales', { status }));
  cluster.objects.set('/api/v1/namespaces/shop/secrets/sales-api-key', {
    data: { 'api-key': Buffer.from(KEY).toString('base64') },
  });
  cluster.services.set('shop/sales:api', pod.apiPort);
  cluster.services.set('shop/sales:health', pod.healthPort);
});
afterAll(async () => {
  await pod.remove();
  await cluster.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A line as a shell would split it; quotes are all that the README uses. */
const split = (line: string): readonly string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

async function runLine(line: string) {
  const words = split(line);
  const isPlugin = words[0] === 'kubectl';
  const rest = words
    .slice(isPlugin ? 2 : 1)
    .map((word) => (word === 'http://127.0.0.1:3000' ? pod.url : word))
    .map((word) => (word === 'page.png' ? join(folder, word) : word));
  return await invoke([...rest, ...(isPlugin ? ['--kubeconfig', cluster.kubeconfig] : [])], {
    program: isPlugin ? 'kubectl was' : 'wa',
    env: { WHATSAPP_ENGINE_API_KEY: KEY },
    now: Date.now,
  });
}

describe('the README', () => {
  const lines = blocks('sh').flatMap((block) => block.split('\n').filter((line) => line !== ''));

  it('has commands to try', () => {
    expect(lines.length).toBeGreaterThan(14);
    // The package suite installs it; here nothing is fetched.
    expect(lines.filter((line) => !/^(wa|kubectl was) /.test(line))).toEqual([
      'npm install @whatsapp-operator/client',
    ]);
  });

  it.each(lines.filter((line) => !line.startsWith('npm ')))('%s', async (line) => {
    // A restart of the scripted engine leaves it starting.
    pod.engine.connect();
    const { err, exitCode } = await runLine(line);
    expect([err, exitCode]).toEqual(['', 0]);
  });

  const programs = blocks('ts').map((program, index) => [index + 1, program] as const);
  it.each(programs)(
    'program %i runs',
    async (index, program) => {
      pod.engine.connect();
      const file = join(folder, `program-${index}.ts`);
      const source = program
        .replaceAll("'@whatsapp-operator/client'", "'../src/index.ts'")
        .replaceAll("'@whatsapp-operator/client/webhook'", "'../src/webhook/index.ts'");
      await writeFile(file, source);
      const env = { ...process.env, WHATSAPP_ENGINE_URL: pod.url, WHATSAPP_ENGINE_API_KEY: KEY };
      const { stderr } = await promisify(execFile)(process.execPath, [file], { cwd: folder, env });
      expect(stderr).toBe('');
      const tsconfig = join(folder, `tsconfig-${index}.json`);
      await writeFile(
        tsconfig,
        JSON.stringify({ extends: '../../tsconfig.json', include: [`program-${index}.ts`] }),
      );
      const tsc = join(workspace, '../node_modules/.bin/tsc');
      const { stdout } = await promisify(execFile)(tsc, ['-p', tsconfig]).catch(
        (error: { readonly stdout: string }) => error,
      );
      expect(stdout).toBe('');
    },
    60_000,
  );

  it('has every exit code', () => {
    const table = Object.entries(exitCodes).map(
      ([name, code]) => `| ${code} | ${exitCodeTexts[name as keyof typeof exitCodes]} |`,
    );
    expect(readme).toContain(table.join('\n'));
  });
});

describe('--help', () => {
  const commands = (help: string): readonly string[] =>
    [...help.matchAll(/^ {2}([a-z]+)(\|| {1,2}| \[| <)/gm)]
      .map(([, name = '']) => name)
      .filter((name) => name !== 'help');

  it('of every command has examples', async () => {
    const { out, exitCode } = await invoke(['--help']);
    expect(exitCode).toBe(0);
    const names = commands(out.slice(out.indexOf('Commands:'), out.indexOf('Exit codes:')));
    expect(names).toEqual(Object.keys(examples));
    for (const name of names) {
      const help = await invoke([name, '--help']);
      expect(help.out, name).toContain('Examples:');
      expect(help.exitCode, name).toBe(0);
    }
  });

  it('has examples whose options and words are right', async () => {
    for (const line of Object.values(examples).flat()) {
      if (!line.startsWith('$ ') || line.includes('>')) continue;
      const words = split(line.slice(2)).filter((word) => word !== '-f');
      const { exitCode, err } = await invoke([...words, '--kubeconfig', cluster.kubeconfig, '-n', 'nobody']);
      // There is no such session: whatever is wrong with the command line would be told first.
      expect(exitCode, `${line}: ${err}`).not.toBe(2);
    }
  });
});
