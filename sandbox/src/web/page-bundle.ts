import { fileURLToPath } from 'node:url';
import type { BootConfig } from '../wire.ts';

/** The version that the page calls itself: high enough for every branch that whatsapp-web.js takes. */
export const PAGE_VERSION = '2.3000.1030000000-sandbox';

/** Put in by bundle.ts; from sources there is no such constant. */
declare const BUNDLED_PAGE_PROGRAM: string | undefined;

/** The page's program: the one built in, or bundled now, which takes some tens of milliseconds. */
export async function buildPageProgram(): Promise<string> {
  if (typeof BUNDLED_PAGE_PROGRAM === 'string') return BUNDLED_PAGE_PROGRAM;
  // Not at the top: the image has no esbuild and needs none.
  const { build } = await import('esbuild');
  const result = await build({
    entryPoints: [fileURLToPath(new URL('../../page/main.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'chrome120',
    charset: 'utf8',
    logLevel: 'silent',
  });
  return result.outputFiles.map(({ text }) => text).join('');
}

/** The page itself. It says on its face that it is a simulation. */
export function renderHtml(boot: BootConfig): string {
  // "<" would let a value end the script element.
  const config = JSON.stringify(boot).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>WhatsApp (simulated)</title>
<link rel="icon" href="data:,">
<script type="application/json" id="boot">${config}</script>
<script defer src="/program.js"></script>
</head>
<body>
<main id="app"><p>This is a simulation of WhatsApp Web. No message leaves this machine.</p><p id="status"></p></main>
</body>
</html>
`;
}
