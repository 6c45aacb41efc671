import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { CATALOGUE, REPOSITORY } from './catalogue.ts';
import { buildProjectImages } from './project-images.ts';

const exec = promisify(execFile);
const main = join(import.meta.dirname, 'main.ts');

describe("the project's images", () => {
  it('are built, and not built again while nothing has changed', { timeout: 600_000 }, async () => {
    await buildProjectImages();
    const again = await buildProjectImages();
    expect(again.map(({ name, outcome }) => [name, outcome])).toEqual(
      CATALOGUE.map(({ name }) => [name, 'unchanged']),
    );
    expect(again.reduce((sum, { seconds }) => sum + seconds, 0)).toBeLessThan(10 * CATALOGUE.length);
  });

  it('need root, and say so', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nobody-'));
    // A copy, because the checkout and its node may lie where only root can read.
    await exec('chmod', ['755', folder]);
    await cp(process.execPath, join(folder, 'node'));
    for (const part of ['test/images', 'test/machine']) {
      await cp(join(REPOSITORY, part), join(folder, part), { recursive: true });
    }
    const asNobody = ['--reuid', '65534', '--regid', '65534', '--clear-groups', join(folder, 'node')];
    const building = exec('setpriv', [...asNobody, join(folder, 'test/images/main.ts'), 'build']);
    await expect(building).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^IMAGES_NOT_ROOT: /m),
    });
    await rm(folder, { recursive: true });
  });

  it('are named when one is asked for that does not exist', async () => {
    const building = exec(process.execPath, [main, 'build', 'nope']);
    await expect(building).rejects.toMatchObject({
      code: 1,
      stderr: `IMAGES_UNKNOWN_NAME: no image named nope; there are: ${CATALOGUE.map(({ name }) => name).join(', ')}\n`,
    });
  });
});
