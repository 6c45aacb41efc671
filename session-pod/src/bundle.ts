import { fileURLToPath } from 'node:url';
import { writeBundle } from '../../packaging/bundle.ts';
import { copyClosure } from '../../packaging/closure.ts';

/**
 * Makes dist/: the main program and the worker thread that runs the library, each in one file, and beside them the
 * packages that must stay as they are. The library sends the text of its own functions to the page, which a bundler
 * would change. file-type loads a package of its own at run time, out of the bundler's sight.
 */
const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const untouched = ['whatsapp-web.js', 'puppeteer', 'file-type'];

const written = await writeBundle({
  folder: path('../dist'),
  programs: { main: path('./main.ts'), worker: path('./engine/page/worker.ts') },
  external: untouched,
});
const count = await copyClosure(path('../..'), 'session-pod', untouched, path('../dist'));
console.log(
  [...written, `node_modules: ${count} packages`].map((line) => `session-pod/dist/${line}`).join('\n'),
);
