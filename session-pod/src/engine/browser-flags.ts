import type { EngineOptions } from './options.ts';

/** Features that a page which nobody looks at can do without; the first seven are puppeteer's own list. */
const DISABLED_FEATURES = [
  'Translate',
  'AcceptCHFrame',
  'MediaRouter',
  'OptimizationHints',
  'RenderDocument',
  'ProcessPerSiteUpToMainFrameThreshold',
  'IsolateSandboxedIframes',
  'SpareRendererForSitePerProcess',
  'BackForwardCache',
  'InterestFeedContentSuggestions',
];

/** What puppeteer starts Chromium with (a test compares), but for what a session has no use for. */
const FROM_PUPPETEER = [
  '--allow-pre-commit-input',
  '--disable-background-networking',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-breakpad',
  '--disable-client-side-phishing-detection',
  '--disable-component-extensions-with-background-pages',
  '--disable-crash-reporter',
  '--disable-default-apps',
  '--disable-dev-shm-usage',
  '--disable-extensions',
  '--disable-hang-monitor',
  '--disable-infobars',
  '--disable-ipc-flooding-protection',
  '--disable-popup-blocking',
  '--disable-prompt-on-repost',
  '--disable-renderer-backgrounding',
  '--disable-search-engine-choice-screen',
  '--disable-sync',
  '--force-color-profile=srgb',
  '--hide-scrollbars',
  '--metrics-recording-only',
  '--mute-audio',
  '--no-first-run',
  '--password-store=basic',
  '--use-mock-keychain',
];

/** Fewer processes and less memory, measured: shell and lean together need 0.45 of full Chromium's default. */
const LEAN = ['--in-process-gpu', '--renderer-process-limit=1', '--disable-site-isolation-trials'];

/** The page must not see that it is driven, and its dialogs are recognised by their English words. */
const PAGE = ['--disable-blink-features=AutomationControlled', '--lang=en-US'];

const executables = {
  HeadlessShell: '/usr/bin/chromium-headless-shell',
  Chromium: '/usr/bin/chromium',
} as const;

/** The browser's program: what is named, else Debian's. */
export const executableOf = (options: EngineOptions): string =>
  options.executable ?? executables[options.flavor ?? 'HeadlessShell'];

/** All arguments of the browser. The debugging port is chosen by the system and listens on loopback only. */
export function browserFlags(options: EngineOptions, profile: string): readonly string[] {
  const proxy = options.proxy === undefined ? undefined : parseProxy(options.proxy);
  return [
    `--user-data-dir=${profile}`,
    '--remote-debugging-port=0',
    options.flavor === 'Chromium' ? '--headless=new' : '--headless',
    ...FROM_PUPPETEER,
    ...LEAN,
    ...PAGE,
    ...(options.browserSandbox === true ? [] : ['--no-sandbox']),
    ...(proxy === undefined ? [] : [`--proxy-server=${proxy.server}`]),
    `--disable-features=${DISABLED_FEATURES.join(',')}`,
    '--enable-features=NetworkServiceInProcess2',
    ...(options.browserArgs ?? []),
    'about:blank',
  ];
}

/** A proxy's address without its credentials, which Chromium wants apart. Throws when it is none. */
export function parseProxy(text: string): {
  readonly server: string;
  readonly credentials: { readonly username: string; readonly password: string } | undefined;
} {
  const url = URL.parse(text);
  if (url === null || !/^(https?|socks[45]):$/.test(url.protocol) || url.hostname === '') {
    throw new Error('the proxy must be http, https, socks4 or socks5 ://[user:password@]host:port');
  }
  const username = decodeURIComponent(url.username);
  return {
    server: `${url.protocol}//${url.host}`,
    credentials: username === '' ? undefined : { username, password: decodeURIComponent(url.password) },
  };
}
