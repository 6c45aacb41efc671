import { defineConfig } from 'vitest/config';

/** Tests of the local cluster itself: they make, break and remove clusters of their own. */
export default defineConfig({
  test: {
    root: new URL('../../..', import.meta.url).pathname,
    include: ['test/e2e/lifecycle/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});
