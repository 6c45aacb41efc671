import { defineConfig } from 'vitest/config';

/** The suites that drive unmodified whatsapp-web.js in real Chromium against one sandbox. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/sandbox-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
