import { defineConfig } from 'vitest/config';

/**
 * whatsapp-web.js calls `inject` from a listener of navigations and nobody looks at what becomes of it: a page that
 * goes away in the middle rejects it into nowhere. Programs die of it (test/process.test.ts); here it is expected.
 */
const isLostInject = (error: {
  readonly message?: string;
  readonly stack?: string;
  readonly cause?: unknown;
}): boolean => {
  const cause = error.cause as { readonly stack?: string } | undefined;
  const where = `${error.stack ?? ''}${cause?.stack ?? ''}`;
  const gone = /context was destroyed|target closed|session closed|detached|connection closed/i.test(
    error.message ?? '',
  );
  return gone && where.includes('whatsapp-web.js/src/Client.js') && where.includes('Client.inject');
};

/** The suites that drive unmodified whatsapp-web.js in real Chromium against one sandbox. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/sandbox-setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    onUnhandledError: (error) => !isLostInject(error),
  },
});
