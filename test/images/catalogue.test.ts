import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CATALOGUE, chooseImages, REPOSITORY } from './catalogue.ts';

const pinned: { devDependencies: Record<string, string> } = JSON.parse(
  readFileSync(join(REPOSITORY, 'package.json'), 'utf8'),
);
const nodeMajor = pinned.devDependencies['node']?.split('.')[0];

describe('the catalogue', () => {
  it('has each name once', () => {
    const names = CATALOGUE.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('chooses all without a name, and by name in its own order', () => {
    expect(chooseImages([])).toEqual(CATALOGUE);
    expect(chooseImages(['probe', 'probe']).map(({ name }) => name)).toEqual(['probe']);
  });

  it('names every unknown name at once', () => {
    expect(() => chooseImages(['probe', 'nope', 'nada'])).toThrow(
      expect.objectContaining({
        code: 'IMAGES_UNKNOWN_NAME',
        message: expect.stringMatching(/^no image named nope, nada; there are: probe/),
      }),
    );
  });
});

describe.each(CATALOGUE)('the image $name', ({ context, dockerfile, prepare }) => {
  it('has its folder', () => {
    expect(existsSync(join(REPOSITORY, context))).toBe(true);
  });

  it('has its preparation, where it has one', () => {
    expect(prepare === undefined || existsSync(join(REPOSITORY, prepare))).toBe(true);
  });

  it('is built on bases that have a stand-in, or on its own stages', () => {
    const text = readFileSync(join(REPOSITORY, dockerfile), 'utf8');
    const froms = [...text.matchAll(/^FROM\s+(\S+)(?:\s+AS\s+(\S+))?/gim)];
    const stages = froms.flatMap(([, , stage]) => (stage === undefined ? [] : [stage]));
    const allowed = [`node:${nodeMajor}-bookworm-slim`, 'debian:bookworm-slim', 'scratch', ...stages];
    expect(froms.length).toBeGreaterThan(0);
    expect(allowed).toEqual(expect.arrayContaining(froms.map(([, from]) => from)));
  });
});
