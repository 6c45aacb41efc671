import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

/** The image builder at work: needs root and the programs it runs; no cluster. */
export default defineConfig({
  root: resolve(import.meta.dirname, '../..'),
  test: {
    include: ['test/images/**/*.live.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
