import { chmod, copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { buildDockerfile, exportImage, removeImage, removeWorkingContainers } from './buildah.ts';
import type { BuiltImage } from './built-image.ts';
import { ImageError } from './errors.ts';
import { layoutOf } from './layout.ts';
import { readRecord } from './record.ts';
import {
  digestSources,
  type ScratchImageSpec,
  scratchDockerfile,
  specKey,
  specProblems,
} from './scratch-spec.ts';
import { readSettings } from './settings.ts';
import { BUILD_TOOLS } from './tools.ts';
import { type BuildOptions, inWorkshop, type Workshop } from './workshop.ts';

/**
 * Makes an image out of files of this machine, on nothing else.
 *
 * Guarantees: equal files and settings give an equal image id; when the image is at hand already, no program is
 * run, no lock is taken and no root is needed. The archive is whole when its path is returned and stays for at
 * least an hour after a newer one has replaced it.
 *
 * @throws ImageError; `IMAGES_BAD_SETTING` names everything that is wrong with the spec at once.
 */
export async function buildScratchImage(
  spec: ScratchImageSpec,
  options: BuildOptions = {},
): Promise<BuiltImage> {
  const started = performance.now();
  const problems = specProblems(spec);
  if (problems.length > 0) throw new ImageError('IMAGES_BAD_SETTING', `${spec.tag}: ${problems.join('; ')}`);
  const { archives } = layoutOf(readSettings(options.environment ?? process.env));
  const { digests, bytes } = await digestSources(spec);
  const key = specKey(spec, digests);

  const atHand = async (): Promise<BuiltImage | undefined> => {
    const known = await readRecord(archives, spec.tag);
    if (known?.key !== key) return undefined;
    return { ...known, name: spec.tag, outcome: 'unchanged', seconds: seconds() };
  };
  const seconds = () => (performance.now() - started) / 1000;
  const known = await atHand();
  if (known !== undefined) return known;

  // Staged copy, layer and archive exist at the same time.
  const needs = { tools: BUILD_TOOLS, freeBytes: 3 * bytes + 2 ** 24 };
  return inWorkshop(options, needs, async (workshop) => {
    // Another builder may have made it while this one waited for the lock.
    const madeMeanwhile = await atHand();
    if (madeMeanwhile !== undefined) return madeMeanwhile;
    workshop.log(`building ${spec.tag}`);
    await removeWorkingContainers(workshop);
    const context = await stageFiles(spec, workshop);
    const dockerfile = join(context, 'Dockerfile');
    const id = await buildDockerfile(workshop, {
      tag: spec.tag,
      context,
      dockerfile,
      mode: 'single',
      pull: 'never',
    });
    const { record } = await exportImage(workshop, { tag: spec.tag, id, key });
    // The archive is all that is needed from now on.
    await removeImage(workshop, spec.tag);
    return { ...record, name: spec.tag, outcome: 'built', seconds: seconds() };
  });
}

async function stageFiles(spec: ScratchImageSpec, workshop: Workshop): Promise<string> {
  const context = await workshop.folder('scratch');
  const root = join(context, 'rootfs');
  const place = async (target: string) => {
    const path = join(root, target);
    await makeFolders(root, posix.dirname(target));
    return path;
  };
  for (const { target } of spec.folders ?? []) await makeFolders(root, target);
  for (const { source, target, mode } of spec.files) {
    const path = await place(target);
    await copyFile(source, path);
    await chmod(path, mode);
  }
  for (const { target, to } of spec.links ?? []) await symlink(to, await place(target));
  // Last, because a folder without write permission could not be filled.
  for (const { target, mode } of spec.folders ?? []) await chmod(join(root, target), mode);
  await writeFile(join(context, 'Dockerfile'), scratchDockerfile(spec));
  return context;
}

/** Makes a folder and those above it, each open to all: the image must not depend on this process's umask. */
async function makeFolders(root: string, target: string): Promise<void> {
  if (target !== '/') await makeFolders(root, posix.dirname(target));
  const path = join(root, target);
  await mkdir(path, { recursive: true });
  await chmod(path, 0o755);
}
