import { defineConfig } from 'vitest/config';

/** The fault suite: the engine with unmodified whatsapp-web.js in real Chromium, on a sandbox in this process. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['faults/**/*.test.ts', 'process/**/*.test.ts'],
    globalSetup: ['faults/support/browser-setup.ts'],
    testTimeout: 90_000,
    hookTimeout: 60_000,
    // Two browsers at a time are what a small machine carries without its own slowness looking like a fault.
    maxWorkers: 2,
  },
});
