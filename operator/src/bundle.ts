import { fileURLToPath } from 'node:url';
import { writeBundle } from '../../packaging/bundle.ts';

/** Makes dist/main.js: the operator and its packages in one file that Node runs as it is. */
const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

const written = await writeBundle({ folder: path('../dist'), programs: { main: path('./main.ts') } });
console.log(written.map((line) => `operator/dist/${line}`).join('\n'));
