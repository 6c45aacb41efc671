/** A source of numbers in [0, 1). Everything in the sandbox that is random takes one, so a seed repeats a run. */
export type Random = () => number;

/** FNV-1a: spreads any text over 32 bits, so that streams for similar names do not resemble each other. */
function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

/** A repeatable stream for a seed; two different seeds give unrelated streams (a counter through a mixer). */
export function seededRandom(seed: string): Random {
  let counter = hash32(seed);
  return () => {
    counter = (counter + 0x9e3779b9) >>> 0;
    let mixed = counter;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** One of `alphabet`'s characters, `length` times. */
export function randomText(random: Random, alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet.charAt(Math.floor(random() * alphabet.length))).join('');
}

/** A duration around `ms`: half of it at least, one and a half at most. */
export function jittered(random: Random, ms: number): number {
  return ms * (0.5 + random());
}
