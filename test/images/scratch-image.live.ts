import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireLock } from '../machine/lock.ts';
import { listImages } from './housekeeping.ts';
import { mountsBelow, processesNaming } from './leftovers.ts';
import { buildScratchImage } from './scratch-image.ts';
import type { ScratchImageSpec } from './scratch-spec.ts';
import { busyboxImage, pauseImage } from './stock-images.ts';

const exec = promisify(execFile);
let cache: string;
let environment: Record<string, string | undefined>;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'images-'));
  environment = { ...process.env, WHATSAPP_OPERATOR_IMAGES: join(cache, 'images') };
});
afterEach(async () => {
  expect(await mountsBelow(cache)).toEqual([]);
  await rm(cache, { recursive: true, force: true });
});

/** An image of one file with random-looking content, of which a builder has something to do. */
async function bigSpec(mebibytes: number): Promise<ScratchImageSpec> {
  const source = join(cache, 'big');
  await writeFile(source, randomBytes(mebibytes * 2 ** 20));
  return { tag: 'localhost/test/big:1', files: [{ source, target: '/big', mode: 0o600 }] };
}

/** A process that builds the spec and prints one line per step. */
function builderProgram(spec: ScratchImageSpec, onLog = 'console.log(line)'): string[] {
  const library = JSON.stringify(join(import.meta.dirname, 'scratch-image.ts'));
  const program = `
    import * as fs from 'node:fs';
    import { buildScratchImage } from ${library};
    const log = (line) => { ${onLog} };
    try {
      const { id, outcome } = await buildScratchImage(${JSON.stringify(spec)}, { log });
      console.log(JSON.stringify({ id, outcome }));
    } catch (error) {
      console.log(JSON.stringify({ code: error.code, message: error.message }));
    }`;
  return ['--input-type=module', '--eval', program];
}

function lastJson(output: string): Record<string, unknown> {
  return JSON.parse(output.trim().split('\n').at(-1) ?? '');
}

describe('a scratch image', () => {
  it('is an OCI archive under its full name, with the files, modes and settings asked for', async () => {
    const { archive, id, bytes } = await buildScratchImage(pauseImage('registry.example/pause:1'), {
      environment,
    });
    const read = async (path: string) => JSON.parse((await exec('tar', ['-xOf', archive, path])).stdout);
    const index = await read('index.json');
    expect(index.manifests[0].annotations['org.opencontainers.image.ref.name']).toBe(
      'registry.example/pause:1',
    );
    const manifest = await read(`blobs/${index.manifests[0].digest.replace(':', '/')}`);
    expect(manifest.config.digest).toBe(id);
    const { config } = await read(`blobs/${id.replace(':', '/')}`);
    expect(config).toMatchObject({ User: '65535:65535', Entrypoint: ['/pause', '-P'] });
    const layer = `blobs/${manifest.layers[0].digest.replace(':', '/')}`;
    const { stdout } = await exec('sh', ['-c', `tar -xOf ${archive} ${layer} | tar -tvz`]);
    expect(stdout).toMatch(/^-rwxr-xr-x 0\/0 .* pause$/m);
    expect(bytes).toBeGreaterThan(0);
  });

  it('is made once: the second call runs no program', async () => {
    const spec = await busyboxImage('localhost/test/busybox:1');
    const first = await buildScratchImage(spec, { environment });
    const steps: string[] = [];
    const second = await buildScratchImage(spec, { environment, log: (line) => steps.push(line) });
    expect(first.outcome).toBe('built');
    expect(second).toEqual({ ...first, outcome: 'unchanged', seconds: second.seconds });
    expect(steps).toEqual([]);
  });

  it('has the same id when it is made again from nothing', async () => {
    const spec = pauseImage('localhost/test/pause:1');
    const first = await buildScratchImage(spec, { environment });
    const elsewhere = { ...environment, WHATSAPP_OPERATOR_IMAGES: join(cache, 'elsewhere') };
    expect((await buildScratchImage(spec, { environment: elsewhere })).id).toBe(first.id);
  });

  it('does not depend on the umask of its builder', async () => {
    const spec = { ...pauseImage('localhost/test/umask:1'), folders: [{ target: '/var/lib', mode: 0o700 }] };
    const { id } = await buildScratchImage(spec, { environment });
    const strict = { ...environment, WHATSAPP_OPERATOR_IMAGES: join(cache, 'strict') };
    const { stdout } = await exec(
      'sh',
      ['-c', 'umask 077; exec "$@"', 'sh', process.execPath, ...builderProgram(spec)],
      {
        env: strict,
      },
    );
    expect(lastJson(stdout)).toEqual({ id, outcome: 'built' });
  });

  it('is made once when two builders want it at the same time', async () => {
    const args = builderProgram(await bigSpec(16));
    const results = await Promise.all([1, 2].map(() => exec(process.execPath, args, { env: environment })));
    const outcomes = results.map(({ stdout }) => lastJson(stdout));
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['built', 'unchanged']);
    expect(new Set(outcomes.map(({ id }) => id)).size).toBe(1);
  });

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'leaves nothing running or mounted when its builder gets %s, and is made by the next one',
    async (signal) => {
      const spec = await bigSpec(96);
      const killing = exec(process.execPath, builderProgram(spec), { env: environment });
      const { child } = killing;
      await until(async () => (await processesNaming('buildah')).some((line) => line.includes(cache)));
      child.kill(signal);
      await expect(killing).rejects.toMatchObject({ signal });
      await until(async () => (await processesNaming(join(cache, 'images'))).length === 0);
      expect(await listImages(environment)).toEqual([]);
      expect((await buildScratchImage(spec, { environment })).outcome).toBe('built');
      expect(await readdir(join(cache, 'images'))).not.toContain('work');
    },
  );

  it('says so when its caller changes its mind, and has ended everything by then', async () => {
    const stop = new AbortController();
    const building = buildScratchImage(await bigSpec(96), { environment, signal: stop.signal });
    await until(async () => (await processesNaming('buildah')).some((line) => line.includes(cache)));
    stop.abort();
    await expect(building).rejects.toMatchObject({ code: 'IMAGES_INTERRUPTED' });
    expect(await processesNaming(join(cache, 'images'))).toEqual([]);
  });

  it('says so too when its caller changes its mind while another build has the lock', async () => {
    const other = await acquireLock(join(cache, 'images', 'lock'), { doing: 'testing' });
    const stop = new AbortController();
    const steps: string[] = [];
    const log = (line: string) => {
      steps.push(line);
      stop.abort();
    };
    const building = buildScratchImage(pauseImage('localhost/test/pause:2'), {
      environment,
      log,
      signal: stop.signal,
    });
    await expect(building).rejects.toMatchObject({ code: 'IMAGES_INTERRUPTED' });
    expect(steps).toEqual([`waiting for another build (process ${process.pid})`]);
    await other.release();
  });

  it('is refused beforehand when the disk has too little space', async () => {
    const output = await onSmallDisk('16m', builderProgram(await bigSpec(8)));
    expect(lastJson(output)).toMatchObject({
      code: 'IMAGES_DISK_FULL',
      message: expect.stringContaining('MiB free'),
    });
  });

  it('says that the disk is full when it fills up during the work, and works once there is space', async () => {
    const filler = join(cache, 'images', 'filler');
    const fill = `
      const file = fs.openSync(${JSON.stringify(filler)}, 'w');
      try { for (;;) fs.writeSync(file, Buffer.alloc(65536)); } catch { fs.closeSync(file); }`;
    const [program, source] = [builderProgram(await bigSpec(4), fill), builderProgram(await bigSpec(4))];
    const output = await onSmallDisk('64m', program, filler, source);
    const [full, after] = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(full).toMatchObject({ code: 'IMAGES_DISK_FULL' });
    expect(after).toMatchObject({ outcome: 'built' });
  });
});

/** Runs a builder, and if asked for another after removing a file, with a small disk of its own as its cache. */
async function onSmallDisk(
  size: string,
  first: string[],
  remove?: string,
  second?: string[],
): Promise<string> {
  const quote = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;
  const command = (args: string[]) => [process.execPath, ...args].map(quote).join(' ');
  const folder = quote(join(cache, 'images'));
  const then = remove && second ? `rm ${quote(remove)}; ${command(second)} | tail -n 1` : 'true';
  const script = `mkdir -p ${folder}; mount -t tmpfs -o size=${size} tmpfs ${folder}; ${command(first)}; ${then}`;
  return (await exec('unshare', ['--mount', 'sh', '-c', script], { env: environment })).stdout;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('waited for 20 s in vain');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
