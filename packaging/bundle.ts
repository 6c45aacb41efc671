import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { workerUrls } from './worker-urls.ts';

/** Programs of one workspace that go into an image as files that Node runs as they are. */
export interface Bundle {
  /** Absolute folder that the files are written to; it is emptied first. */
  readonly folder: string;
  /** Name of the file in that folder, without its ending -> absolute path of the program. */
  readonly programs: Readonly<Record<string, string>>;
  /** Packages that stay outside: they have to lie in a node_modules that the files can see. Default: none. */
  readonly external?: readonly string[];
  /** What is imported only when it is needed becomes files of its own, and costs nothing before. Default: false. */
  readonly split?: boolean;
  /** Names in the source that the build replaces by expressions. */
  readonly define?: Readonly<Record<string, string>>;
}

/** Packages in CommonJS call `require` for Node's own modules, which an ES module does not have. */
const requireForCommonJs =
  // The sources may import createRequire themselves.
  "import { createRequire as requireOfBundle } from 'node:module';\nconst require = requireOfBundle(import.meta.url);";

/** How every program is bundled, so that two builds of the same sources give the same bytes. */
const shared = {
  bundle: true,
  write: false,
  platform: 'node',
  format: 'esm',
  target: 'node26',
  charset: 'utf8',
  legalComments: 'eof',
  // Drops branches that a `define` has decided.
  minifySyntax: true,
  banner: { js: requireForCommonJs },
  // What goes wrong is thrown.
  logLevel: 'silent',
} as const satisfies BuildOptions;

/**
 * Writes each program with its packages into one file, and a package.json by which Node takes the files for ES
 * modules without parsing them twice; says how large each became.
 */
export async function writeBundle({
  folder,
  programs,
  external,
  split = false,
  define,
}: Bundle): Promise<readonly string[]> {
  const { outputFiles } = await build({
    ...shared,
    entryPoints: { ...programs },
    outdir: folder,
    external: [...(external ?? [])],
    splitting: split,
    define: { ...define },
    plugins: [workerUrls(programs)],
  });
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{"type":"module"}\n');
  const said: string[] = [];
  for (const file of outputFiles) {
    const name = basename(file.path);
    await writeFile(join(folder, name), file.contents);
    said.push(`${name}: ${Math.round(file.contents.byteLength / 1024)} KiB`);
  }
  return said;
}
