/** Where lines go; standard output except in tests. */
export type WriteLine = (line: string) => void;

/** One line of JSON per event. */
export type Journal = (event: string, details?: Readonly<Record<string, unknown>>) => void;

/** A journal whose lines carry the time and the process's boot id. */
export function createJournal(bootId: string, write: WriteLine, now: () => Date): Journal {
  return (event, details = {}) =>
    write(JSON.stringify({ time: now().toISOString(), event, bootId, ...details }));
}
