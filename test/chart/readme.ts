import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { openProgress } from '../cluster/build/progress.ts';
import { readSettings } from '../cluster/settings.ts';
import { runCommand } from '../machine/command.ts';
import { ensureTools } from '../tools/tools.ts';
import { chartFolder } from './render.ts';

/** `make chart-readme`: writes the chart's README.md from its template and the comments of values.yaml. */

const readme = join(chartFolder, 'README.md');

/** The README as it should be. */
export const makeReadme = (helmDocs: string): Promise<string> =>
  runCommand([helmDocs, '--chart-search-root', chartFolder, '--dry-run', '--log-level', 'error']);

/** The README as it is. */
export const readReadme = (): Promise<string> => readFile(readme, 'utf8');

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const progress = openProgress(process.stderr);
  const { helmDocs } = await ensureTools(readSettings(process.env).cacheDir, progress);
  await writeFile(readme, await makeReadme(helmDocs));
  progress.close();
}
