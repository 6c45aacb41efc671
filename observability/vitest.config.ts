import { defineConfig } from 'vitest/config';

/** Rules, dashboards and runbooks, by Prometheus' own tools; installs them first where the machine has none. */
export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['observability/**/*.live.ts'],
    testTimeout: 60_000,
    hookTimeout: 600_000,
  },
});
