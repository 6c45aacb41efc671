/**
 * An engine in a process of its own, to be killed by a test. Arguments: the data folder, and the browser's arguments
 * as JSON. Writes one JSON line per transition and per code to link with.
 */
import process from 'node:process';
import { createEngine } from '../../../src/engine/index.ts';

const [dataFolder = '', browserArgs = '[]'] = process.argv.slice(2);
const executable = process.env['SANDBOX_CHROMIUM'];
const quiet = (): void => undefined;
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

const engine = createEngine(
  {
    dataFolder,
    browserArgs: JSON.parse(browserArgs) as string[],
    ...(executable === undefined ? {} : { executable }),
  },
  { log: { debug: quiet, info: quiet, warn: quiet, error: quiet } },
);
engine.on({
  transition: ({ to }) => say({ state: to }),
  pairing: (pairing) => {
    if (pairing?.method === 'QRCode') say({ qr: pairing.qr });
  },
});
engine.start();
