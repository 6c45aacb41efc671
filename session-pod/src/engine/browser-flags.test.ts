import puppeteer from 'puppeteer';
import { describe, expect, test } from 'vitest';
import { browserFlags, executableOf, parseProxy } from './browser-flags.ts';

const flags = (options = {}) => browserFlags({ dataFolder: '/data', ...options }, '/data/profile');

/** What puppeteer sets and a session has no use for: PDFs, and telling the page that it is driven. */
const LEFT_OUT = ['--enable-automation', '--export-tagged-pdf', '--generate-pdf-document-outline'];

describe('the browser', () => {
  test("is started with puppeteer's own flags, but for what a session has no use for", async () => {
    const own = await puppeteer.defaultArgs({ headless: 'shell', userDataDir: '/data/profile' });
    const missing = own.filter(
      (flag) =>
        !flags().includes(flag) &&
        !flag.startsWith('--disable-features') &&
        !flag.startsWith('--enable-features'),
    );
    expect(missing).toEqual(LEFT_OUT);
  });

  test('takes further arguments last, so that they win', () => {
    expect(flags({ browserArgs: ['--x'] }).slice(-2)).toEqual(['--x', 'about:blank']);
  });

  test.for([
    [{}, '/usr/bin/chromium-headless-shell', '--headless'],
    [{ flavor: 'Chromium' }, '/usr/bin/chromium', '--headless=new'],
    [{ executable: '/opt/chrome' }, '/opt/chrome', '--headless'],
  ] as const)('of %o is %s', ([options, executable, headless]) => {
    expect(executableOf({ dataFolder: '/data', ...options })).toBe(executable);
    expect(flags(options)).toContain(headless);
  });

  test('never sees the credentials of its proxy', () => {
    const proxied = flags({ proxy: 'http://user:s%40cret@proxy:3128' });
    expect(proxied).toContain('--proxy-server=http://proxy:3128');
    expect(proxied.join()).not.toContain('cret');
    expect(parseProxy('http://user:s%40cret@proxy:3128').credentials).toEqual({
      username: 'user',
      password: 's@cret',
    });
  });

  test.for(['proxy:3128', 'ftp://proxy', 'http://', ''])('refuses %o as a proxy', (text) => {
    expect(() => parseProxy(text)).toThrow('the proxy must be');
  });
});
