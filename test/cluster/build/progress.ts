/** Where the progress of something long goes. */
export interface Progress {
  /** A finished step: a line of its own. */
  readonly line: (text: string) => void;
  /** What is under way: asked again and again until the next line or status. */
  readonly status: (describe: () => string) => void;
  readonly close: () => void;
}

/** Seconds between two status lines when they cannot overwrite each other. */
const logIntervalSeconds = 20;

/** Progress for a person: one line that changes in place on a terminal, a line now and then in a log. */
export function openProgress(output: NodeJS.WriteStream): Progress {
  const interactive = output.isTTY === true;
  let describe: (() => string) | undefined;
  const clear = (): void => {
    if (interactive && describe !== undefined) output.write('\r\x1b[K');
  };
  const show = (): void => {
    if (describe === undefined) return;
    const width = output.columns ?? 110;
    output.write(interactive ? `\r\x1b[K${describe().slice(0, width - 1)}` : `${describe()}\n`);
  };
  const timer = setInterval(show, interactive ? 500 : logIntervalSeconds * 1000);
  timer.unref();
  return {
    line: (text) => {
      clear();
      describe = undefined;
      output.write(`${text}\n`);
    },
    status: (next) => {
      clear();
      describe = next;
      if (interactive) show();
    },
    close: () => {
      clear();
      clearInterval(timer);
    },
  };
}
