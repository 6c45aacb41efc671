import { defineConfig } from 'vitest/config';

/** The chart, by the tools that its users have; builds them first where they are not in the cache. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/chart/*.live.ts'],
    testTimeout: 60_000,
    // Building the tools takes some minutes on a machine that has none.
    hookTimeout: 1_800_000,
  },
});
