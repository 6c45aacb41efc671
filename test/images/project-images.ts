import { join } from 'node:path';
import { buildDockerfile, exportImage, removeWorkingContainers } from './buildah.ts';
import type { BuiltImage } from './built-image.ts';
import { type CatalogueImage, chooseImages, REPOSITORY } from './catalogue.ts';
import { ensureDebianBase } from './debian-base.ts';
import { ensureNodeBase } from './node-base.ts';
import { readSettings } from './settings.ts';
import { BASE_TOOLS, BUILD_TOOLS } from './tools.ts';
import { type BuildOptions, inWorkshop, type Workshop } from './workshop.ts';

/** Settings of a build of the project's images. */
export type ProjectBuildOptions = BuildOptions & {
  /** Use nothing of earlier builds: bases with the packages of today, every step run again. Default: false. */
  readonly fresh?: boolean;
};

/** Both bases with what they are made from, a project image's layers and its archive, with room to spare. */
const FREE_BYTES = 2 * 2 ** 30;

/**
 * Builds the project's images from the working tree and exports each as an oci-archive under its full name.
 *
 * Guarantees: unchanged steps and bases are reused; an image whose id has not changed is not exported again; an
 * image that failed to build leaves the one before it in place.
 *
 * @param names short names of the catalogue; none means all.
 * @returns one entry per image, in the order of the catalogue.
 * @throws ImageError with any code; images built before the failing one stay built.
 */
export async function buildProjectImages(
  names: readonly string[] = [],
  options: ProjectBuildOptions = {},
): Promise<BuiltImage[]> {
  const images = chooseImages(names);
  const { bases } = readSettings(options.environment ?? process.env);
  const tools = bases === 'stand-in' ? [...BUILD_TOOLS, ...BASE_TOOLS] : BUILD_TOOLS;
  return inWorkshop(options, { tools, freeBytes: FREE_BYTES }, async (workshop) => {
    const fresh = options.fresh ?? false;
    await removeWorkingContainers(workshop);
    if (bases === 'stand-in') await ensureNodeBase(workshop, await ensureDebianBase(workshop, fresh), fresh);
    const built: BuiltImage[] = [];
    for (const [index, image] of images.entries()) {
      workshop.log(`[${index + 1}/${images.length}] ${image.name}`);
      built.push(await buildOne(workshop, image, fresh));
    }
    return built;
  });
}

async function buildOne(workshop: Workshop, image: CatalogueImage, fresh: boolean): Promise<BuiltImage> {
  const started = performance.now();
  if (image.prepare !== undefined) await workshop.run(process.execPath, [join(REPOSITORY, image.prepare)]);
  const id = await buildDockerfile(workshop, {
    tag: image.tag,
    context: join(REPOSITORY, image.context),
    dockerfile: join(REPOSITORY, image.dockerfile),
    mode: fresh ? 'anew' : 'layers',
    buildArguments: image.buildArguments,
    pull: workshop.settings.bases === 'stand-in' ? 'never' : 'newer',
  });
  const { record, exported } = await exportImage(workshop, { tag: image.tag, id });
  const seconds = (performance.now() - started) / 1000;
  return { ...record, name: image.name, outcome: exported ? 'built' : 'unchanged', seconds };
}
