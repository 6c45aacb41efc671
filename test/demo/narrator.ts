import process from 'node:process';
import { stripVTControlCharacters } from 'node:util';

/** Tells a person what happens: chapters, commands that could be typed, what they answered, and what takes long. */
export interface Narrator {
  /** Begins a chapter. */
  readonly chapter: (title: string) => void;
  /** Something that happened, behind the time since the start. */
  readonly say: (text: string) => void;
  /** A command as a person would type it. */
  readonly command: (text: string) => void;
  /** What a command printed, indented. */
  readonly output: (text: string) => void;
  /** Shows what is waited for, with the time that has passed, until the work is done. */
  readonly during: <T>(what: string, work: Promise<T>) => Promise<T>;
}

/** Seconds between two lines about the same wait, where a line cannot be written over. */
const LOG_INTERVAL_S = 15;

/** Writes to a terminal in colour, with waits on one line that changes; to anything else in plain lines. */
export function createNarrator(
  out: NodeJS.WriteStream,
  now: () => number = () => performance.now(),
): Narrator {
  const began = now();
  const isTerminal = out.isTTY === true;
  const isColoured = isTerminal && !process.env['NO_COLOR'];
  const style = (code: number, text: string): string => (isColoured ? `\x1b[${code}m${text}\x1b[0m` : text);
  const write = (text: string): void => {
    out.write(`${isTerminal ? text : stripVTControlCharacters(text)}\n`);
  };
  let chapters = 0;
  const time = (): string => style(2, `${((now() - began) / 1000).toFixed(0).padStart(4)}s`);
  const indented = (text: string): string =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => `       ${line}`.trimEnd())
      .join('\n');
  return {
    chapter: (title) => {
      chapters += 1;
      write(`\n${style(1, `${chapters}. ${title}`)}`);
    },
    say: (text) => {
      const [first = '', ...rest] = text.split('\n');
      write([`${time()}  ${first}`, ...rest.map((line) => `       ${line}`)].join('\n'));
    },
    command: (text) => write(indented(style(36, `$ ${text}`))),
    output: (text) => write(indented(text)),
    during: async (what, work) => {
      const since = now();
      const show = (): void => {
        const waited = `${what} (${Math.round((now() - since) / 1000)} s)`;
        out.write(isTerminal ? `\r\x1b[K${time()}  ${style(2, `… ${waited}`)}` : `${time()}  … ${waited}\n`);
      };
      if (isTerminal) show();
      const timer = setInterval(show, isTerminal ? 500 : LOG_INTERVAL_S * 1000);
      try {
        return await work;
      } finally {
        clearInterval(timer);
        if (isTerminal) out.write('\r\x1b[K');
      }
    },
  };
}
