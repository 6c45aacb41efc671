import { open, readFile, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { ImageError } from './errors.ts';
import { archivePath, type ImageRecord, readRecord, writeRecord } from './record.ts';
import type { Workshop } from './workshop.ts';

const MODE_FLAGS = {
  layers: ['--layers'],
  anew: ['--layers', '--no-cache'],
  single: ['--timestamp', '0'],
} as const;

/** One run of a Dockerfile. */
export type DockerfileBuild = {
  /** Full name the image gets. */
  readonly tag: string;
  /** Folder that the Dockerfile copies from, absolute. */
  readonly context: string;
  /** The Dockerfile, absolute. */
  readonly dockerfile: string;
  /**
   * `layers` reuses unchanged steps of earlier builds, `anew` runs every step again and keeps the layers for the
   * next build, `single` makes one reproducible layer.
   */
  readonly mode: 'layers' | 'anew' | 'single';
  /** When to ask a registry for the base: never, or whenever there may be a newer one. */
  readonly pull: 'never' | 'newer';
  readonly labels?: Readonly<Record<string, string>>;
  /** Values for the Dockerfile's ARGs. */
  readonly buildArguments?: Readonly<Record<string, string>>;
};

/**
 * Builds a Dockerfile with buildah and returns the image's id.
 *
 * Isolation is chroot because the other kinds change the network of the machine they run on.
 */
export async function buildDockerfile(workshop: Workshop, build: DockerfileBuild): Promise<string> {
  const idFile = join(workshop.layout.work, 'image-id');
  await rm(idFile, { force: true });
  const flags = ['--isolation=chroot', '--iidfile', idFile, '--tag', build.tag, '--file', build.dockerfile];
  const pull = build.pull === 'never' ? ['--pull-never'] : ['--pull'];
  const labels = Object.entries(build.labels ?? {}).flatMap(([key, value]) => ['--label', `${key}=${value}`]);
  const buildArguments = Object.entries(build.buildArguments ?? {}).flatMap(([key, value]) => [
    '--build-arg',
    `${key}=${value}`,
  ]);
  await workshop.run('buildah', [
    'bud',
    ...flags,
    ...MODE_FLAGS[build.mode],
    ...pull,
    ...labels,
    ...buildArguments,
    build.context,
  ]);
  return (await readFile(idFile, 'utf8')).trim();
}

/** An image in the storage, as far as the builder asks. */
export type StoredImage = {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
};

/** The stored image of that name, or undefined. */
export async function findImage(workshop: Workshop, tag: string): Promise<StoredImage | undefined> {
  const listed = await workshop.run('buildah', [
    'images',
    '--all',
    '--no-trunc',
    '--format',
    '{{.Name}}:{{.Tag}}',
  ]);
  if (!listed.split('\n').includes(tag)) return undefined;
  return parseInspected(await workshop.run('buildah', ['inspect', '--type', 'image', tag]), tag);
}

/**
 * Takes id and labels out of what `buildah inspect` prints for an image.
 *
 * @throws ImageError `IMAGES_TOOL_FAILED` when they are not where this version of buildah has them.
 */
export function parseInspected(text: string, tag: string): StoredImage {
  const found: { FromImageID?: unknown; OCIv1?: { config?: { Labels?: Record<string, string> } } } =
    JSON.parse(text);
  if (typeof found.FromImageID !== 'string') {
    throw new ImageError('IMAGES_TOOL_FAILED', `buildah inspect shows no id for ${tag}`);
  }
  return { id: `sha256:${found.FromImageID}`, labels: found.OCIv1?.config?.Labels ?? {} };
}

/** Forgets an image; layers that no other image needs go with it. */
export async function removeImage(workshop: Workshop, tag: string): Promise<void> {
  await workshop.run('buildah', ['rmi', '--force', tag]);
}

/** Ends working containers that an interrupted build has left in the storage. */
export async function removeWorkingContainers(workshop: Workshop): Promise<void> {
  const ids = (await workshop.run('buildah', ['containers', '--quiet']))
    .split('\n')
    .filter((id) => id !== '');
  if (ids.length > 0) await workshop.run('buildah', ['rm', ...ids]);
}

/** Writes an image's archive and record unless the ones at hand are of the same image already. */
export async function exportImage(
  workshop: Workshop,
  image: { readonly tag: string; readonly id: string; readonly key?: string },
): Promise<{ readonly record: ImageRecord; readonly exported: boolean }> {
  const { archives, work } = workshop.layout;
  const known = await readRecord(archives, image.tag);
  if (known?.id === image.id && known.key === image.key) return { record: known, exported: false };

  const draft = join(work, 'archive.tar');
  await rm(draft, { force: true });
  const target = `oci-archive:${draft}:${image.tag}`;
  await workshop.run('buildah', ['push', '--quiet', image.id.replace('sha256:', ''), target]);
  const archive = archivePath(archives, image.tag, image.id);
  const bytes = await syncedSize(draft);
  await rename(draft, archive);
  const record = { tag: image.tag, id: image.id, key: image.key, archive, bytes };
  await writeRecord(archives, record);
  // The grace of the archive before this one starts now.
  if (known !== undefined && known.archive !== archive) await utimes(known.archive, new Date(), new Date());
  return { record, exported: true };
}

async function syncedSize(path: string): Promise<number> {
  const file = await open(path, 'r');
  try {
    await file.sync();
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}
