import { defineConfig } from 'vitest/config';

/** Chaos at a size for every day, and the tests of its own parts. One file after the other: they share the machine. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/chaos/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 120_000,
  },
});
