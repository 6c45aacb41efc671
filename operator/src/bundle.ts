import { fileURLToPath } from 'node:url';
import { writeBundle } from '../../packaging/bundle.ts';

/**
 * Makes dist/: the operator with its packages as files that Node runs as they are. What reads kubeconfigs is most of
 * it, and lies apart: in a pod it is never loaded.
 */
const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

const written = await writeBundle({
  folder: path('../dist'),
  programs: { main: path('./main.ts') },
  split: true,
});
console.log(written.map((line) => `operator/dist/${line}`).join('\n'));
