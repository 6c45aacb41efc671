import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { BootConfig } from '../wire.ts';

/** The version that the page calls itself: high enough for every branch that whatsapp-web.js takes. */
export const PAGE_VERSION = '2.3000.1030000000-sandbox';

/** Bundles the page's program; takes some tens of milliseconds, once per start. */
export async function buildPageProgram(): Promise<string> {
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
