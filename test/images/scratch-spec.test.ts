import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  digestSources,
  type ScratchImageSpec,
  scratchDockerfile,
  specKey,
  specProblems,
} from './scratch-spec.ts';

const spec: ScratchImageSpec = {
  tag: 'registry.example:5000/tools/thing:1.0',
  files: [
    { source: '/s/a', target: '/a', mode: 0o755 },
    { source: '/s/b', target: '/etc/b', mode: 0o644 },
  ],
  links: [{ target: '/bin/sh', to: 'a' }],
  folders: [{ target: '/tmp', mode: 0o1777 }],
  entrypoint: ['/a', 'two words'],
  user: '65535:65535',
  env: { GREETING: 'say "hi" for $5 \\ more' },
};
const digests = new Map([
  ['/s/a', 'aa'],
  ['/s/b', 'bb'],
]);

describe('a spec', () => {
  it('is fine as the example has it', () => {
    expect(specProblems(spec)).toEqual([]);
  });

  it.each<[string, Partial<ScratchImageSpec>]>([
    ['tag "pause" is not a full image name with a tag', { tag: 'pause' }],
    ['tag "localhost/pause" is not a full image name with a tag', { tag: 'localhost/pause' }],
    ['an image needs at least one file', { files: [], links: [], folders: [] }],
    ['target "b" is not a plain absolute path', { files: [{ source: '/s', target: 'b', mode: 0 }] }],
    ['target "/a/../b" is not a plain absolute path', { links: [{ target: '/a/../b', to: 'x' }] }],
    ['target "/etc/b" is given twice', { folders: [{ target: '/etc/b', mode: 0o755 }] }],
    ['mode of "/c" is not 0 to 0o7777', { files: [{ source: '/s', target: '/c', mode: 0o10000 }] }],
    ['user "a b" is not a user', { user: 'a b' }],
    [`"A-B" is not a variable's name`, { env: { 'A-B': '1' } }],
    ['the value of A has more than one line', { env: { A: '1\nUSER root' } }],
  ])('is refused because %s', (problem, change) => {
    expect(specProblems({ ...spec, ...change })).toEqual([problem]);
  });

  it('becomes a Dockerfile whose values are taken literally', () => {
    expect(scratchDockerfile(spec)).toBe(`FROM scratch
COPY rootfs/ /
ENV GREETING="say \\"hi\\" for \\$5 \\\\ more"
ENV PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
USER 65535:65535
ENTRYPOINT ["/a","two words"]
`);
  });
});

describe('the key of a spec', () => {
  const key = specKey(spec, digests);

  it('does not depend on the order of the files or on where they come from', () => {
    const moved = {
      ...spec,
      files: spec.files.toReversed().map((file) => ({ ...file, source: `/moved${file.source}` })),
    };
    const movedDigests = new Map([...digests].map(([source, digest]) => [`/moved${source}`, digest]));
    expect(specKey(moved, movedDigests)).toBe(key);
  });

  it.each<[string, Partial<ScratchImageSpec>]>([
    ['a mode', { folders: [{ target: '/tmp', mode: 0o755 }] }],
    ['a link', { links: [{ target: '/bin/sh', to: 'b' }] }],
    ['the user', { user: '0' }],
    ['the entrypoint', { entrypoint: ['/a'] }],
    ['the environment', { env: {} }],
    ['a target', { files: spec.files.map((file) => ({ ...file, target: `/x${file.target}` })) }],
  ])('changes with %s', (_, change) => {
    expect(specKey({ ...spec, ...change }, digests)).not.toBe(key);
  });

  it('changes with the content of a file', () => {
    expect(specKey(spec, new Map([...digests, ['/s/b', 'other']]))).not.toBe(key);
  });
});

describe('the sources of a spec', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'scratch-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const file = (source: string) => ({ source, target: `/${source.length}`, mode: 0o755 });

  it('are hashed and summed up', async () => {
    const source = join(folder, 'a');
    await writeFile(source, 'hello');
    const { digests: found, bytes } = await digestSources({ ...spec, files: [file(source)] });
    expect(bytes).toBe(5);
    expect(found.get(source)).toBe('2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824');
  });

  it('are named all at once when they are missing', async () => {
    const files = [file(join(folder, 'one')), file(folder), file(join(folder, 'catatonit'))];
    await expect(digestSources({ ...spec, files })).rejects.toMatchObject({
      code: 'IMAGES_SOURCE_MISSING',
      message: `${spec.tag}: no such file: ${files.map(({ source }) => source).join(', ')}`,
    });
  });

  it('are named by their packages when those are known', async () => {
    const files = [file(join(folder, 'catatonit')), file(join(folder, 'busybox'))];
    await expect(digestSources({ ...spec, files })).rejects.toMatchObject({
      code: 'IMAGES_MISSING_TOOLS',
      remedy: expect.stringContaining('apt-get install --no-install-recommends busybox-static catatonit'),
    });
  });
});
