import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sourcesFor } from './apt-configuration.ts';
import { buildDockerfile, findImage } from './buildah.ts';
import type { Workshop } from './workshop.ts';

const RELEASE = 'bookworm';
/** Under its full name, so that an unchanged `FROM debian:bookworm-slim` finds it. */
export const DEBIAN_BASE = `docker.io/library/debian:${RELEASE}-slim`;
/** Label that says from which inputs a stand-in base was made. */
export const BASE_KEY_LABEL = 'whatsapp-operator.stand-in-base';

/**
 * How apt behaves in whatever is built on the base: without it each installation leaves its packages and 80 MB
 * of indexes in a layer. Not given to mmdebstrap, which needs the packages it has downloaded.
 */
const APT = [
  'Dir::Cache::pkgcache "";',
  'Dir::Cache::srcpkgcache "";',
  'APT::Keep-Downloaded-Packages "false";',
];

const DOCKERFILE = `FROM scratch
ADD rootfs.tar /
RUN printf '%s\\n' ${APT.map((line) => `'${line}'`).join(' ')} > /etc/apt/apt.conf.d/90-keep-nothing
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
CMD ["bash"]
`;

/** What the slim flavour of Debian leaves out; it stays in force for packages that a Dockerfile installs. */
const SLIM = [
  'path-exclude=/usr/share/man/*',
  'path-exclude=/usr/share/locale/*',
  'path-exclude=/usr/share/doc/*',
  'path-include=/usr/share/doc/*/copyright',
];

/** mmdebstrap's arguments, apart from the two paths at their end. */
export function debianRecipe(sources: string): string[] {
  const https = /^\s*(URIs:|deb\s).*\bhttps:/m.test(sources);
  return [
    '--variant=minbase',
    '--format=tar',
    // Mirrors frozen at a date, as reproducible machines have them, offer lists past their validity.
    '--aptopt=Acquire::Check-Valid-Until "false"',
    // mmdebstrap takes both from this machine for the time of the installation and leaves them behind.
    '--customize-hook=rm -f "$1/etc/hostname" "$1/etc/resolv.conf"',
    ...SLIM.map((option) => `--dpkgopt=${option}`),
    ...(https ? ['--include=ca-certificates'] : []),
    RELEASE,
  ];
}

/**
 * Makes the stand-in for Debian's slim image unless there is one of the same inputs, and returns its id.
 *
 * @param fresh make it anew in any case, with the packages of today.
 */
export async function ensureDebianBase(workshop: Workshop, fresh: boolean): Promise<string> {
  const sources = await sourcesFor(RELEASE, workshop.settings.sourcesFile);
  const recipe = debianRecipe(sources);
  const key = createHash('sha256')
    .update(JSON.stringify([DOCKERFILE, recipe, sources]))
    .digest('hex');
  const known = await findImage(workshop, DEBIAN_BASE);
  if (!fresh && known?.labels[BASE_KEY_LABEL] === key) return known.id;

  workshop.log(`making ${DEBIAN_BASE} from Debian packages, about a minute`);
  const context = await workshop.folder('debian');
  const list = join(context, 'debian.sources');
  await writeFile(list, sources);
  await workshop.run('mmdebstrap', [...recipe, join(context, 'rootfs.tar'), list]);
  const dockerfile = join(context, 'Dockerfile');
  await writeFile(dockerfile, DOCKERFILE);
  const labels = { [BASE_KEY_LABEL]: key };
  return buildDockerfile(workshop, {
    tag: DEBIAN_BASE,
    context,
    dockerfile,
    mode: 'single',
    pull: 'never',
    labels,
  });
}
