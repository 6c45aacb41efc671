import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { invoke } from './testing/invoke.ts';
import { connected, World } from './testing/world.ts';

/** Which cluster or URL a command works on, and completion. */

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.dispose());

describe('the cluster', () => {
  it('that is not reached is named, with exit code 5', async () => {
    const { kubeconfig } = world.cluster;
    const text = (await readFile(kubeconfig, 'utf8')).replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1');
    const file = join(world.folder, 'kubeconfig');
    await writeFile(file, text);
    const { err, exitCode } = await invoke(['list', '--kubeconfig', file]);
    expect(err).toContain('the cluster of context test cannot be reached: connect ECONNREFUSED');
    expect(exitCode).toBe(5);
  });

  it('of another context is told with those that there are', async () => {
    const { err, exitCode } = await world.was(['list', '--context', 'production']);
    expect(err).toBe('error: the kubeconfig has no context production\n  it has: test\n');
    expect(exitCode).toBe(3);
    expect((await invoke(['list', '--kubeconfig', '/nowhere'])).err).toContain(
      'the kubeconfig cannot be read',
    );
  });

  it('may be reached through `kubectl proxy`, which needs no credentials', async () => {
    const proxy = createServer((incoming, response) => {
      response.end(
        JSON.stringify(incoming.headers.authorization === undefined ? { metadata: {}, items: [] } : {}),
      );
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => proxy.once('listening', resolve));
    const { port } = proxy.address() as { readonly port: number };
    const text = await readFile(world.cluster.kubeconfig, 'utf8');
    const file = join(world.folder, 'kubeconfig');
    await writeFile(file, text.replace(/https:\/\/127\.0\.0\.1:\d+/, `http://127.0.0.1:${port}`));
    expect((await invoke(['list', '--kubeconfig', file])).err).toBe(
      'There are no sessions in namespace shop.\n',
    );
    proxy.close();
  });

  it('is not left for a URL of the environment by kubectl, and is by wa', async () => {
    world.add('sales', { status: connected });
    const env = { WHATSAPP_ENGINE_URL: 'http://127.0.0.1:1' };
    expect((await world.was(['list', '-o', 'name'], { env })).out).toBe('sales\n');
    expect((await invoke(['doctor'], { env, program: 'wa' })).out).toContain('127.0.0.1');
  });
});

describe('completion', () => {
  test.each<[string[], string[]]>([
    [['re'], ['restart', 'reconnect', 'resume']],
    [
      ['send', ''],
      ['sales', 'support'],
    ],
    [['send', 'sa'], ['sales']],
    [['send', 'sales', ''], []],
    [['send', '--wait', 'de'], ['delivered']],
    [
      ['send', '--wait', 'sent', 's'],
      ['sales', 'support'],
    ],
    [['list', '--sel'], ['--selector']],
    [['-n', 'other', 'status', ''], ['elsewhere']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['nothing', ''], []],
  ])('of %j is %j', async (words, expected) => {
    world.add('sales');
    world.add('support');
    world.add('elsewhere', { namespace: 'other' });
    const { out } = await invoke(['__complete', '--kubeconfig', world.cluster.kubeconfig, ...words]);
    expect(out.split('\n').filter((line) => line !== '')).toEqual(expect.arrayContaining(expected));
    if (expected.length === 0) expect(out).not.toContain('sales');
  });
});
