import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeFailure } from '../machine/failure.ts';
import { parseInspected } from './buildah.ts';
import { debianRecipe } from './debian-base.ts';
import { failure } from './process.ts';
import { missingTools, missingToolsError } from './tools.ts';

describe('a failed program', () => {
  it('is reported with its ending and the end of its output', () => {
    const error = failure('buildah', 'exit code 125', ['STEP 1', 'no such image']);
    expect(error.code).toBe('IMAGES_TOOL_FAILED');
    expect(error.message).toBe('buildah ended with exit code 125\n  STEP 1\n  no such image');
  });

  it.each(['write /x: no space left on device', 'cp: No space left on device', 'disk quota exceeded'])(
    'is a full disk when it says "%s"',
    (line) => {
      expect(failure('buildah', 'exit code 1', ['before', line, 'after'])).toMatchObject({
        code: 'IMAGES_DISK_FULL',
        class: 'retry',
        remedy: expect.stringContaining('WHATSAPP_OPERATOR_IMAGES'),
      });
    },
  );
});

describe('missing programs', () => {
  it('are found against the search path of the caller', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tools-'));
    await writeFile(join(folder, 'here-executable'), '', { mode: 0o755 });
    await writeFile(join(folder, 'here-not-executable'), '', { mode: 0o644 });
    const tools = ['here-executable', 'here-not-executable', 'not-here'].map((program) => ({
      program,
      package: 'p',
    }));
    const missing = await missingTools(tools, { PATH: folder });
    expect(missing.map(({ program }) => program)).toEqual(['here-not-executable', 'not-here']);
    await rm(folder, { recursive: true });
  });

  it('are named with one line that installs each package once', () => {
    const error = missingToolsError([
      { program: 'unshare', package: 'util-linux' },
      { program: 'setpriv', package: 'util-linux' },
      { program: 'buildah', package: 'buildah' },
    ]);
    expect(describeFailure(error)).toBe(
      'not installed: unshare, setpriv, buildah\n' +
        '  to do: on Debian or Ubuntu: apt-get install --no-install-recommends buildah util-linux',
    );
  });
});

describe('an inspected image', () => {
  it('gives its id and labels', () => {
    const text = '{"FromImageID":"abc","OCIv1":{"config":{"Labels":{"k":"v"}}}}';
    expect(parseInspected(text, 't')).toEqual({ id: 'sha256:abc', labels: { k: 'v' } });
  });

  it('may have no labels', () => {
    expect(parseInspected('{"FromImageID":"abc","OCIv1":{"config":{}}}', 't').labels).toEqual({});
  });

  it('is refused when buildah shows something else', () => {
    expect(() => parseInspected('{}', 't')).toThrow('buildah inspect shows no id for t');
  });
});

describe('the recipe of the Debian base', () => {
  it.each([
    ['URIs: https://mirror.example/debian', true],
    ['deb [signed-by=/k] https://mirror.example/debian bookworm main', true],
    ['URIs: http://mirror.example/debian\n# https', false],
  ])('for %j has certificates: %s', (sources, included) => {
    expect(debianRecipe(sources).includes('--include=ca-certificates')).toBe(included);
  });
});
