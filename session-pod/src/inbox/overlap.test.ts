import { expect, it } from 'vitest';
import { type Entry, MAX_PAGE, overlap } from './overlap.ts';

/** k: known, n: new, o: from before what counts. Oldest first. */
const page = (text: string): Entry[] =>
  [...text].map((letter, index) => ({ id: String(index), known: letter === 'k', old: letter === 'o' }));

it.each([
  ['nothing new', 'kkkk', false, 20, 'overlaps'],
  ['an empty chat', '', true, 20, 'overlaps'],
  ['ten that are known, then new ones', 'kkkkkkkkkknn', false, 20, 'overlaps'],
  ['a single one that is known, which may stand out of order', 'knn', false, 20, 'read-more'],
  ['only new ones', 'nnnn', false, 20, 'read-more'],
  ['only new ones, and nothing earlier', 'nnnn', true, 20, 'overlaps'],
  ['older than what counts', 'onnn', false, 20, 'overlaps'],
  ['a hole after the overlap', 'kkkkkkkkkknkn', false, 20, 'overlaps'],
  ['a hole before the overlap', 'knkkkkkkkkkkkkn', false, 20, 'read-more'],
  ['more than is read', 'nnnn', false, MAX_PAGE, 'gives-up'],
] as const)('%s: %s', (_what, text, complete, limit, kind) => {
  expect(overlap(page(text), complete, limit).kind).toBe(kind);
});
