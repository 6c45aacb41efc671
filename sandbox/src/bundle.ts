import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildPhoneFiles } from './phone/phone-bundle.ts';
import { buildPageProgram } from './web/page-bundle.ts';

/**
 * Makes dist/sandbox.js: the server, its packages and the browsers' programs in one file that Node runs as it is.
 * The image holds nothing else, so that it can be built where no package source is reachable.
 */
const target = fileURLToPath(new URL('../dist/sandbox.js', import.meta.url));

const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL('./main.ts', import.meta.url))],
  bundle: true,
  write: false,
  platform: 'node',
  format: 'esm',
  target: 'node26',
  charset: 'utf8',
  // Drops the branches that would build the browsers' programs.
  minifySyntax: true,
  external: ['esbuild'],
  define: {
    BUNDLED_PAGE_PROGRAM: JSON.stringify(await buildPageProgram()),
    BUNDLED_PHONE_FILES: JSON.stringify(await buildPhoneFiles()),
  },
  // Packages in CommonJS call require for Node's own modules, which an ES module does not have.
  banner: {
    js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
const text = outputFiles.map((file) => file.text).join('');
await mkdir(fileURLToPath(new URL('../dist', import.meta.url)), { recursive: true });
await writeFile(target, text);
console.log(`sandbox/dist/sandbox.js: ${Math.round(Buffer.byteLength(text) / 1024)} KiB`);
