import { buildPhoneFiles } from './phone-bundle.ts';

/** One file of the page, as it goes over the line. */
export interface PageFile {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The page on which a person plays the phone: three files, served next to the control API. */
export interface PhonePage {
  /** The file at a path; undefined where the page has none. */
  readonly get: (path: string) => Promise<PageFile> | undefined;
}

/** Nothing from elsewhere, nothing inline, in no other page's frame. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const file = (type: string, body: string): PageFile => ({
  headers: {
    'content-type': `${type}; charset=utf-8`,
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'cross-origin-opener-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  },
  body,
});

const ICON =
  'data:image/svg+xml,' +
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="9" fill="#0f766e"/>' +
      '<path d="M8 10h16v10H14l-4 4v-4H8z" fill="#fff"/></svg>',
  );

const HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content">
<meta name="color-scheme" content="light dark">
<title>Sandbox phone (simulation)</title>
<link rel="icon" href="${ICON}">
<link rel="stylesheet" href="/phone.css">
<script defer src="/phone.js"></script>
</head>
<body>
<div id="app"><p>This is a simulation: nothing here reaches WhatsApp. The page needs JavaScript.</p></div>
</body>
</html>
`;

/** The page; from sources it is bundled when somebody first opens it, so that tests do not pay for it. */
export function createPhonePage(): PhonePage {
  let built: ReturnType<typeof buildPhoneFiles> | undefined;
  const files = () => {
    built ??= buildPhoneFiles();
    return built;
  };
  return {
    get: (path) => {
      switch (path) {
        case '/':
          return Promise.resolve(file('text/html', HTML));
        case '/phone.js':
          return files().then(({ script }) => file('text/javascript', script));
        case '/phone.css':
          return files().then(({ style }) => file('text/css', style));
        default:
          return undefined;
      }
    },
  };
}
