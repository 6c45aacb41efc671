import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { z } from 'zod';
import type { BrowserSettings } from './settings/settings.ts';
import { StartupError } from './startup-error.ts';

const PACKAGES = { HeadlessShell: 'chromium-headless-shell', Chromium: 'chromium' } as const;

/** @throws StartupError `browser_missing`, which names the package that brings it */
export async function requireBrowser({ path, flavor }: BrowserSettings): Promise<void> {
  try {
    await access(path, constants.X_OK);
  } catch (cause) {
    throw new StartupError(
      'browser_missing',
      `there is no browser at ${path}: install it (Debian: apt-get install ${PACKAGES[flavor]}), or set BROWSER_PATH`,
      { cause },
    );
  }
}

const sandboxAnswer = z.object({ args: z.array(z.string()) });

/**
 * The arguments that the browser gets besides the engine's own: those of the settings, and with SANDBOX_URL those
 * that lead to the sandbox.
 *
 * @throws StartupError `sandbox_unreachable`
 */
export async function browserArguments({ args, sandboxUrl }: BrowserSettings): Promise<readonly string[]> {
  if (sandboxUrl === undefined) return args;
  try {
    const response = await fetch(new URL('/browser-args', sandboxUrl), {
      signal: AbortSignal.timeout(10_000),
    });
    return [...args, ...sandboxAnswer.parse(await response.json()).args];
  } catch (cause) {
    throw new StartupError(
      'sandbox_unreachable',
      `no sandbox answers at ${sandboxUrl} (SANDBOX_URL): start it with npm start -w sandbox`,
      { cause },
    );
  }
}
