import { execFileSync } from 'node:child_process';
import { chmod, copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundledLicenses } from './licenses.ts';

/**
 * Makes client/dist: the library as modules with their types, so that whoever uses it bundles no more than needed; and
 * the command line as a few files with its packages inside, so that the package itself depends on nothing.
 */
const workspace = join(import.meta.dirname, '..');
const dist = join(workspace, 'dist');
const { version } = JSON.parse(await readFile(join(workspace, 'package.json'), 'utf8')) as {
  readonly version: string;
};

await rm(dist, { recursive: true, force: true });
const tsc = join(workspace, '..', 'node_modules', '.bin', 'tsc');
execFileSync(tsc, ['-p', join(workspace, 'tsconfig.build.json')], { stdio: 'inherit' });

// In declarations the compiler leaves the endings as they are in the source, where nothing of that name is.
for (const file of await readdir(dist, { recursive: true })) {
  if (!file.endsWith('.d.ts')) continue;
  const path = join(dist, file);
  await writeFile(path, (await readFile(path, 'utf8')).replaceAll(/(from '\.[^']*)\.ts'/g, "$1.js'"));
}

const programs = ['wa', 'kubectl-was', 'kubectl_complete-was'];
const { metafile } = await build({
  entryPoints: programs.map((name) => join(workspace, 'src/cli', `${name}.ts`)),
  outdir: join(dist, 'cli'),
  bundle: true,
  // The half that knows Kubernetes is only loaded where there is a cluster.
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  charset: 'utf8',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  metafile: true,
  define: { WA_VERSION: JSON.stringify(version) },
  // Packages in CommonJS call require for Node's own modules, which an ES module does not have.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
for (const name of programs) await chmod(join(dist, 'cli', `${name}.js`), 0o755);
await writeFile(join(dist, 'cli', 'LICENSES.txt'), await bundledLicenses(Object.keys(metafile.inputs)));
await copyFile(join(workspace, '..', 'LICENSE'), join(workspace, 'LICENSE'));
const size = Object.values(metafile.outputs).reduce((sum, { bytes }) => sum + bytes, 0);
console.log(
  `client/dist: library, and ${programs.length} programs of ${Math.round(size / 1024)} KiB together`,
);
