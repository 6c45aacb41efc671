import { defineConfig } from 'vitest/config';

/** Client and command line on a real session pod: unmodified whatsapp-web.js in real Chromium, on the sandbox. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['pods/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    maxWorkers: 1,
  },
});
