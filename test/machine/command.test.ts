import { describe, expect, it } from 'vitest';
import { runCommand, tryCommand } from './command.ts';

describe('a command', () => {
  it('gives its output, and each line of stderr as it comes with an unfinished last one', async () => {
    const lines: string[] = [];
    const result = await tryCommand(['sh', '-c', 'cat; printf "one\\ntw" >&2; printf o >&2; exit 3'], {
      input: 'said',
      onStderrLine: (line) => lines.push(line),
    });
    expect(result).toEqual({ code: 3, stdout: 'said', stderr: 'one\ntwo' });
    expect(lines).toEqual(['one', 'two']);
  });

  it('that fails is reported with the end of what it said', async () => {
    await expect(runCommand(['sh', '-c', 'echo why >&2; exit 4'])).rejects.toMatchObject({
      code: 'command_failed',
      message: expect.stringMatching(/ended with 4: why$/),
    });
  });

  it.each(['write /x: no space left on device', 'cp: No space left on device', 'Disk quota exceeded'])(
    'that says "%s" is reported as a full disk',
    async (words) => {
      await expect(runCommand(['sh', '-c', `echo '${words}' >&2; exit 1`])).rejects.toMatchObject({
        code: 'disk_full',
        class: 'retry',
      });
    },
  );

  it('that is not installed is named with what to install', async () => {
    await expect(tryCommand(['no-such-program'], { input: 'unread' })).rejects.toMatchObject({
      code: 'command_not_started',
      remedy: 'install no-such-program',
    });
  });

  it('that takes too long is killed', async () => {
    expect((await tryCommand(['sleep', '60'], { timeoutMs: 50 })).code).toBe(null);
  });
});
