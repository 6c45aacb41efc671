import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeBundle } from './bundle.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'bundle-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const path = (name: string) => join(root, name);
async function write(name: string, text: string): Promise<string> {
  await mkdir(dirname(path(name)), { recursive: true });
  await writeFile(path(name), text);
  return path(name);
}
const run = async (file: string) => (await promisify(execFile)(process.execPath, [path(file)])).stdout;

describe('a bundle', () => {
  it('runs by itself, with a worker thread from another folder of the sources', async () => {
    const main = await write(
      'src/main.ts',
      "import { start } from './threads/start.ts';\nconst said: string = await start();\nconsole.log(said);",
    );
    await write(
      'src/threads/start.ts',
      "import { once } from 'node:events';\nimport { Worker } from 'node:worker_threads';\nexport const start = async () => (await once(new Worker(new URL('./deep/worker.ts', import.meta.url)), 'message'))[0];",
    );
    const worker = await write(
      'src/threads/deep/worker.ts',
      "import { parentPort } from 'node:worker_threads';\nparentPort?.postMessage('from the worker');",
    );
    await writeBundle({ folder: path('dist'), programs: { main, worker } });
    expect((await readdir(path('dist'))).sort()).toEqual(['main.js', 'package.json', 'worker.js']);
    expect(await run('dist/main.js')).toBe('from the worker\n');
  });

  it('keeps what is imported when needed in a file of its own, if asked to', async () => {
    await write('src/seldom.ts', "export const word = 'seldom';");
    const main = await write('src/main.ts', "console.log((await import('./seldom.ts')).word);");
    await writeBundle({ folder: path('dist'), programs: { main }, split: true });
    expect(await readFile(path('dist/main.js'), 'utf8')).not.toContain('word = "seldom"');
    expect(await readdir(path('dist'))).toHaveLength(3);
    expect(await run('dist/main.js')).toBe('seldom\n');
  });

  it('runs sources that make a require of their own beside packages that want one', async () => {
    await write('src/old.cjs', "module.exports = require('node:path').sep;");
    const main = await write(
      'src/main.ts',
      "import { createRequire } from 'node:module';\nimport sep from './old.cjs';\nconst require = createRequire(import.meta.url);\nconsole.log(sep, require('node:os').EOL.length);",
    );
    await writeBundle({ folder: path('dist'), programs: { main } });
    expect(await run('dist/main.js')).toBe('/ 1\n');
  });

  it('fails to build when the program of a worker thread is not part of it', async () => {
    const main = await write(
      'src/main.ts',
      "import { Worker } from 'node:worker_threads';\nnew Worker(new URL('./worker.ts', import.meta.url));",
    );
    await expect(writeBundle({ folder: path('dist'), programs: { main } })).rejects.toThrow(
      './worker.ts is the program of a worker thread and not of this bundle',
    );
  });

  it('is the same for the same sources, and holds nothing of the build before it', async () => {
    const main = await write(
      'src/main.ts',
      "import { join } from 'node:path';\nconsole.log(join('a', 'b'));",
    );
    const build = async () => {
      await writeBundle({ folder: path('dist'), programs: { main } });
      return await readFile(path('dist/main.js'), 'utf8');
    };
    const first = await build();
    await write('dist/old.js', '');
    expect(await build()).toBe(first);
    expect(await readdir(path('dist'))).not.toContain('old.js');
  });
});
