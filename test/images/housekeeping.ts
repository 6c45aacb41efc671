import { copyFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { findImage, removeImage, removeWorkingContainers } from './buildah.ts';
import { CATALOGUE, chooseImages } from './catalogue.ts';
import { ImageError } from './errors.ts';
import { layoutOf } from './layout.ts';
import { dropRecord, type ImageRecord, listRecords, readRecord } from './record.ts';
import { type Environment, readSettings } from './settings.ts';
import { BUILD_TOOLS } from './tools.ts';
import { type BuildOptions, inWorkshop } from './workshop.ts';

const NEEDS = { tools: BUILD_TOOLS, freeBytes: 0 };

/** The finished images of the chosen kind of bases, by full name. */
export function listImages(environment: Environment = process.env): Promise<ImageRecord[]> {
  return listRecords(layoutOf(readSettings(environment)).archives);
}

/**
 * Copies the archive of an image of the catalogue.
 *
 * @throws ImageError `IMAGES_UNKNOWN_NAME` when there is no such image or it has not been built.
 */
export async function saveImage(
  name: string,
  file: string,
  environment: Environment = process.env,
): Promise<void> {
  const { archives } = layoutOf(readSettings(environment));
  const [image] = chooseImages([name]);
  const record = image && (await readRecord(archives, image.tag));
  if (record === undefined) {
    throw new ImageError('IMAGES_UNKNOWN_NAME', `${name} has not been built yet`, { remedy: 'make images' });
  }
  await mkdir(dirname(file), { recursive: true });
  await copyFile(record.archive, file);
}

/** Removes the layers that no image with a name needs. The next build repeats the steps they were kept for. */
export function pruneLayers(options: BuildOptions = {}): Promise<void> {
  return inWorkshop(options, NEEDS, async (workshop) => {
    await removeWorkingContainers(workshop);
    await workshop.run('buildah', ['rmi', '--prune']);
  });
}

/**
 * Removes the finished images and their archives; bases and the layers of earlier builds stay. With `all`
 * everything goes, whichever bases it was built on.
 * The lock's file always stays, because another builder may be waiting for it.
 */
export function cleanImages(all: boolean, options: BuildOptions = {}): Promise<void> {
  return inWorkshop(options, NEEDS, async (workshop) => {
    const { kinds, archives } = workshop.layout;
    await removeWorkingContainers(workshop);
    if (all) {
      // Never into another file system: somebody may have mounted one there by hand.
      await workshop.run('rm', ['-r', '-f', '--one-file-system', ...kinds]);
      return;
    }
    for (const { tag } of await listRecords(archives)) await dropRecord(archives, tag);
    for (const { tag } of CATALOGUE) {
      if ((await findImage(workshop, tag)) !== undefined) await removeImage(workshop, tag);
    }
  });
}
