import { setImmediate } from 'node:timers/promises';

const MEBIBYTE = 2 ** 20;

/** Memory that is taken and never given back. */
export type MemoryHog = {
  /** Takes more and returns the sum of all that was taken, in mebibytes. */
  take(mebibytes: number): Promise<number>;
};

/**
 * Memory outside the JavaScript heap, so that it is the container's limit that ends the process and not the
 * engine's own. Every page is written to, because untouched ones do not count; the server goes on answering.
 */
export function createMemoryHog(): MemoryHog {
  const held: Buffer[] = [];
  return {
    take: async (mebibytes) => {
      for (let taken = 0; taken < mebibytes; taken += 1) {
        held.push(Buffer.alloc(MEBIBYTE, 1));
        await setImmediate();
      }
      return held.length;
    },
  };
}
