import { createHash } from 'node:crypto';
import { copyFile, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildDockerfile, findImage } from './buildah.ts';
import { REPOSITORY } from './catalogue.ts';
import { BASE_KEY_LABEL, DEBIAN_BASE } from './debian-base.ts';
import { ImageError } from './errors.ts';
import type { Workshop } from './workshop.ts';

/** A program given as arguments is run; flags and file names go to node. Like the ordinary image's. */
const ENTRYPOINT = `#!/bin/sh
case "$1" in
  -*) set -- node "$@" ;;
  *) if ! command -v "$1" >/dev/null || { [ -f "$1" ] && ! [ -x "$1" ]; }; then set -- node "$@"; fi ;;
esac
exec "$@"
`;

/** The Dockerfile of the stand-in for node's slim image. It has no npm: images here bring their modules along. */
export function nodeDockerfile(version: string): string {
  return `FROM ${DEBIAN_BASE}
RUN groupadd --gid 1000 node && useradd --uid 1000 --gid node --shell /bin/bash --create-home node \\
 && apt-get update && apt-get install -y --no-install-recommends libatomic1 libstdc++6 \\
 && rm -rf /var/lib/apt/lists/*
COPY --chmod=755 node docker-entrypoint.sh /usr/local/bin/
ENV NODE_VERSION=${version}
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["node"]
`;
}

/**
 * Makes the stand-in for `node:<major>-bookworm-slim` out of the Debian base and the project's own pinned node,
 * unless there is one of the same inputs.
 *
 * @throws ImageError `IMAGES_SOURCE_MISSING` when the project's packages are not installed.
 */
export async function ensureNodeBase(workshop: Workshop, debianId: string, fresh: boolean): Promise<void> {
  const binary = join(REPOSITORY, 'node_modules/node/bin/node');
  const { version, bytes } = await pinnedNode(binary);
  const tag = `docker.io/library/node:${version.split('.')[0]}-bookworm-slim`;
  const text = nodeDockerfile(version);
  const key = createHash('sha256')
    .update(JSON.stringify([debianId, text, ENTRYPOINT, bytes]))
    .digest('hex');
  const known = await findImage(workshop, tag);
  if (!fresh && known?.labels[BASE_KEY_LABEL] === key) return;

  workshop.log(`making ${tag} with node ${version}`);
  const context = await workshop.folder('node');
  const dockerfile = join(context, 'Dockerfile');
  await writeFile(dockerfile, text);
  await writeFile(join(context, 'docker-entrypoint.sh'), ENTRYPOINT);
  await copyFile(binary, join(context, 'node'));
  const labels = { [BASE_KEY_LABEL]: key };
  await buildDockerfile(workshop, { tag, context, dockerfile, mode: 'single', pull: 'never', labels });
}

async function pinnedNode(binary: string): Promise<{ version: string; bytes: number }> {
  try {
    const { size } = await stat(binary);
    const manifest: unknown = JSON.parse(
      await readFile(join(REPOSITORY, 'node_modules/node/package.json'), 'utf8'),
    );
    const { version } = manifest as { version?: unknown };
    if (typeof version === 'string') return { version, bytes: size };
  } catch (cause) {
    throw new ImageError('IMAGES_SOURCE_MISSING', 'the project has no node of its own yet', {
      remedy: 'run npm ci',
      cause,
    });
  }
  throw new ImageError('IMAGES_SOURCE_MISSING', "the node package's package.json names no version");
}
