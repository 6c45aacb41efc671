import process from 'node:process';
import { parseArgs } from 'node:util';
import { ensureChromium } from '../../machine/chromium.ts';
import { describeRun, runBreaches } from './report.ts';
import { run } from './run.ts';

/**
 * `make chaos-session`: a session pod under chaos at full size, once on a service that behaves as the real one is
 * believed to, once on one that does not. Exit code 1 on any breach of the promise, 2 when not understood.
 */
const USAGE = `usage: node test/chaos/session/main.ts [--seed TEXT] [--messages N] [--chats N] [--per-second N]
         [--pause MS] [--service trusting|distrusting|both]
A seed repeats the disturbances; when they strike in relation to the traffic differs a little from run to run.`;

interface Options {
  readonly seed: string;
  readonly messages: number;
  readonly chats: number;
  readonly perSecond: number;
  readonly pauseMs: number;
  readonly services: readonly ('trusting' | 'distrusting')[];
}

function readOptions(argv: readonly string[]): Options | undefined {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        seed: { type: 'string', default: '1' },
        messages: { type: 'string', default: '1000' },
        chats: { type: 'string', default: '20' },
        'per-second': { type: 'string', default: '3' },
        pause: { type: 'string', default: '6000' },
        service: { type: 'string', default: 'both' },
      },
    });
    const [messages, chats, perSecond, pauseMs] = [
      values.messages,
      values.chats,
      values['per-second'],
      values.pause,
    ].map(Number);
    const services = (['trusting', 'distrusting'] as const).filter(
      (service) => values.service === 'both' || values.service === service,
    );
    const wrong = [messages, chats, perSecond, pauseMs].some((value) => !(Number(value) > 0));
    if (wrong || services.length === 0) return undefined;
    return {
      seed: values.seed,
      messages: messages ?? 0,
      chats: chats ?? 0,
      perSecond: perSecond ?? 0,
      pauseMs: pauseMs ?? 0,
      services,
    };
  } catch {
    return undefined;
  }
}

async function main(options: Options): Promise<number> {
  const { services, ...rest } = options;
  const began = performance.now();
  const say = (line: string) =>
    console.error(`${((performance.now() - began) / 1000).toFixed(1)} s  ${line}`);
  const browser = await ensureChromium(say);
  let broken = false;
  for (const service of services) {
    const report = await run({ ...rest, service, browser, settleMs: 300_000 }, say);
    console.log(`${describeRun(report)}\n`);
    broken ||= runBreaches(report).length > 0;
  }
  return broken ? 1 : 0;
}

const options = readOptions(process.argv.slice(2));
if (options === undefined) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  process.exit(await main(options));
}
