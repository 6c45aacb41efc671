/** The command line of the image builder: parses, calls the library, prints. `--help` says what there is. */
import { describeFailure, Failure } from '../machine/failure.ts';
import { type Command, helpText, parseCommand } from './command-line.ts';
import { cleanImages, listImages, pruneLayers, saveImage } from './housekeeping.ts';
import { buildProjectImages } from './project-images.ts';
import { builtLines, listLines } from './report.ts';

const stop = new AbortController();
const log = (line: string) => console.error(line);
process.once('SIGINT', () => stop.abort());
process.once('SIGTERM', () => stop.abort());

try {
  for (const line of await perform(parseCommand(process.argv.slice(2)))) console.log(line);
} catch (error) {
  // Anything without a code is a defect of the builder, and its stack is what helps then.
  if (!(error instanceof Failure)) throw error;
  console.error(`${error.code}: ${describeFailure(error)}`);
  process.exitCode = error.code === 'IMAGES_INTERRUPTED' ? 130 : 1;
}

async function perform(command: Command): Promise<readonly string[]> {
  const options = { log, signal: stop.signal };
  switch (command.kind) {
    case 'help':
      return [helpText()];
    case 'build': {
      const output = command.verbose ? { verbose: log } : {};
      const built = await buildProjectImages(command.names, { ...options, ...output, fresh: command.fresh });
      return command.json ? [JSON.stringify(built, null, 2)] : builtLines(built);
    }
    case 'list': {
      const images = await listImages();
      return command.json ? [JSON.stringify(images, null, 2)] : listLines(images);
    }
    case 'save':
      await saveImage(command.name, command.file);
      return [];
    case 'prune':
      await pruneLayers(options);
      return [];
    case 'clean':
      await cleanImages(command.all, options);
      return [];
    default:
      return command satisfies never;
  }
}
