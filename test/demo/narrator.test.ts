import { expect, it } from 'vitest';
import { createNarrator } from './narrator.ts';

/** A narrator that writes to a pipe, and what it has written so far. */
function listen(isTTY: boolean) {
  let written = '';
  const write = (text: string) => {
    written += text;
  };
  let now = 0;
  const tell = createNarrator({ isTTY, write } as unknown as NodeJS.WriteStream, () => now);
  return {
    tell,
    pass: (ms: number) => {
      now += ms;
    },
    said: () => written,
  };
}

it('numbers the chapters, and puts the time before what happened', () => {
  const { tell, pass, said } = listen(false);
  tell.chapter('One');
  pass(12_400);
  tell.say('first line\nsecond line');
  tell.chapter('Two');
  tell.command('kubectl get was');
  tell.output('NAME\nsales\n');
  expect(said()).toBe(
    [
      '\n1. One',
      '  12s  first line\n       second line',
      '\n2. Two',
      '       $ kubectl get was',
      '       NAME\n       sales\n',
    ].join('\n'),
  );
});

it('writes no control characters to what is no terminal', async () => {
  const { tell, said } = listen(false);
  tell.chapter('One');
  await tell.during('waiting', Promise.resolve());
  expect(said()).toBe('\n1. One\n');
});

it('shows a wait on a terminal and takes it away when it is over, also when it fails', async () => {
  const { tell, said } = listen(true);
  await expect(tell.during('waiting', Promise.reject(new Error('no')))).rejects.toThrow('no');
  const text = said();
  expect(text).toContain('… waiting (0 s)');
  expect(text.endsWith('\r\x1b[K')).toBe(true);
});
