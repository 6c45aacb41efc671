import { expect, test } from 'vitest';
import { mergeReaction, mergeVote } from './merge-addons.ts';

const reaction = (sender: string, emoji: string) => ({ id: `${sender}${emoji}`, sender, emoji, at: 1 });
const vote = (sender: string, options: readonly number[]) => ({ id: sender, sender, options, at: 1 });

test('a second reaction takes the place of the first, and stands last', () => {
  const known = [reaction('ada', '👍'), reaction('ben', '👍')];
  expect(mergeReaction(known, reaction('ada', '🎉'))).toEqual([reaction('ben', '👍'), reaction('ada', '🎉')]);
});

test('an empty reaction takes it back, also from a message that has none', () => {
  expect(mergeReaction([reaction('ada', '👍')], reaction('ada', ''))).toEqual([]);
  expect(mergeReaction(undefined, reaction('ada', ''))).toEqual([]);
});

test('the latest vote of a person counts, and one for nothing stays', () => {
  expect(mergeVote([vote('ada', [0]), vote('ben', [1])], vote('ada', []))).toEqual([
    vote('ben', [1]),
    vote('ada', []),
  ]);
});
