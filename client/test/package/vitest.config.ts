import { defineConfig } from 'vitest/config';

/** The package as it is published: packed, installed in a clean folder, used from there by other runtimes. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 300_000,
    maxWorkers: 1,
  },
});
