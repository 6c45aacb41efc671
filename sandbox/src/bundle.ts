import { fileURLToPath } from 'node:url';
import { writeBundle } from '../../packaging/bundle.ts';
import { buildPhoneFiles } from './phone/phone-bundle.ts';
import { buildPageProgram } from './web/page-bundle.ts';

/**
 * Makes dist/sandbox.js: the server, its packages and the browsers' programs in one file that Node runs as it is.
 * The image holds nothing else, so that it can be built where no package source is reachable.
 */
const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

const written = await writeBundle({
  folder: path('../dist'),
  programs: { sandbox: path('./main.ts') },
  external: ['esbuild'],
  define: {
    BUNDLED_PAGE_PROGRAM: JSON.stringify(await buildPageProgram()),
    BUNDLED_PHONE_FILES: JSON.stringify(await buildPhoneFiles()),
  },
});
console.log(written.map((line) => `sandbox/dist/${line}`).join('\n'));
