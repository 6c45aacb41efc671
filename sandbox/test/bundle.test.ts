import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { until } from './support/world.ts';

const inSandbox = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

test("the image's one file runs where nothing else is, and brings both of the browsers' programs along", async () => {
  await promisify(execFile)(process.execPath, [inSandbox('src/bundle.ts')]);
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-bundle-'));
  await copyFile(inSandbox('dist/sandbox.js'), join(folder, 'sandbox.mjs'));
  const environment = {
    SANDBOX_WEB_PORT: '0',
    SANDBOX_CONTROL_PORT: '0',
    SANDBOX_DATA: join(folder, 'data'),
  };
  const child = spawn(process.execPath, [join(folder, 'sandbox.mjs')], { cwd: folder, env: environment });
  try {
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
      });
    }
    const url = await until('it runs', () => /Play the phone: +(\S+)\//.exec(output)?.[1]);
    const [page, script, style] = await Promise.all(
      ['/', '/phone.js', '/phone.css'].map(async (path) => (await fetch(`${url}${path}`)).text()),
    );
    expect(page).toContain('simulation');
    expect(script?.length).toBeGreaterThan(10_000);
    expect(style).toContain('.bubble');
  } finally {
    child.kill();
    await once(child, 'exit');
    await rm(folder, { recursive: true });
  }
});
