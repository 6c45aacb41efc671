import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Plugin } from 'esbuild';

/** How a source names the program that a worker thread runs. */
const WORKER = /new Worker\(\s*new URL\((['"])(\.{1,2}\/[^'"]+\.ts)\1, import\.meta\.url\)/g;

/**
 * Lets `new Worker(new URL('./page/worker.ts', import.meta.url))` mean the file that this program was bundled into: the sources
 * lie in folders, the bundles side by side. What is no program of the bundle cannot be found by the bundled program
 * either, so it fails the build and not the first start.
 *
 * @param programs name of the bundled file, without its ending -> absolute path of the source.
 */
export function workerUrls(programs: Readonly<Record<string, string>>): Plugin {
  const names = new Map(Object.entries(programs).map(([name, path]) => [path, name]));
  return {
    name: 'worker-urls',
    setup: (build) => {
      build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const text = await readFile(path, 'utf8');
        return { contents: rewriteWorkerUrls(text, dirname(path), names), loader: 'ts' };
      });
    },
  };
}

/** The text with each worker's URL pointing to the bundle's file. Throws when one points to something else. */
export function rewriteWorkerUrls(text: string, folder: string, names: ReadonlyMap<string, string>): string {
  return text.replace(WORKER, (_match, _quote, relative: string) => {
    const name = names.get(resolve(folder, relative));
    if (name === undefined) {
      throw new Error(`${relative} is the program of a worker thread and not of this bundle`);
    }
    return `new Worker(new URL('./${name}.js', import.meta.url)`;
  });
}
