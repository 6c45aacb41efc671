import { defineConfig } from 'vitest/config';

/** Alerts on a live Prometheus, provoked by real faults. The tests are one story: each begins where the last ended. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/rehearsal/*.live.ts'],
    testTimeout: 600_000,
    hookTimeout: 300_000,
    bail: 1,
  },
});
