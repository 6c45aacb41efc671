import { describe, expect, it } from 'vitest';
import { buildKey, readBuildInputs } from './cache-key.ts';
import { clusterPrograms } from './programs.ts';

const inputs = readBuildInputs(clusterPrograms);

describe('the key of the built binaries', () => {
  it('is the same for the same inputs', () => {
    expect(buildKey(inputs)).toBe(buildKey(structuredClone(inputs)));
  });

  it('covers go.mod, go.sum and our own mains', () => {
    expect(Object.keys(inputs.files)).toEqual([
      'go.mod',
      'go.sum',
      'cmd/coredns/main.go',
      'cmd/netpol/main.go',
    ]);
  });

  it.each(Object.keys(inputs.files))('changes with %s', (file) => {
    const changed = { ...inputs, files: { ...inputs.files, [file]: `${inputs.files[file]}\n` } };
    expect(buildKey(changed)).not.toBe(buildKey(inputs));
  });

  it('changes with the flags', () => {
    expect(buildKey({ ...inputs, flags: [...inputs.flags, '-race'] })).not.toBe(buildKey(inputs));
  });
});
