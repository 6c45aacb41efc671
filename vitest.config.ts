import { defineConfig } from 'vitest/config';

/**
 * Unit tests: beside their sources, no cluster, no root, no network beyond loopback.
 * The suites that need more have a config of their own under test/.
 */
export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: [
      '**/node_modules/**',
      '**/dist/**',
      'test/e2e/**',
      'test/chaos/**',
      'test/scale/**',
      'client/test/**',
      'sandbox/test/**',
      'session-pod/test/**',
    ],
    testTimeout: 10_000,
  },
});
