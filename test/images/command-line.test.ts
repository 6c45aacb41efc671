import { describe, expect, it } from 'vitest';
import { type Command, helpText, parseCommand } from './command-line.ts';

const build = { kind: 'build', names: [], fresh: false, verbose: false, json: false } as const;

describe('the command line', () => {
  it.each<[string, Command]>([
    ['', { kind: 'help' }],
    ['help', { kind: 'help' }],
    ['build --help', { kind: 'help' }],
    ['build', build],
    ['build probe other', { ...build, names: ['probe', 'other'] }],
    ['build --fresh -v --json', { ...build, fresh: true, verbose: true, json: true }],
    ['list', { kind: 'list', json: false }],
    ['list --json', { kind: 'list', json: true }],
    ['save probe out.tar', { kind: 'save', name: 'probe', file: 'out.tar' }],
    ['prune', { kind: 'prune' }],
    ['clean', { kind: 'clean', all: false }],
    ['clean --all', { kind: 'clean', all: true }],
  ])('understands "%s"', (line, command) => {
    expect(parseCommand(line.split(' ').filter((word) => word !== ''))).toEqual(command);
  });

  it.each([
    ['frob', 'no command named "frob"'],
    ['constructor', 'no command named "constructor"'],
    ['build --all', 'build takes no --all'],
    ['clean --fresh', 'clean takes no --fresh'],
    ['list probe', 'list takes no "probe"'],
    ['save probe', 'save takes a name and a file'],
    ['save probe a b', 'save takes a name and a file'],
    ['build --frob', 'Unknown option'],
  ])('refuses "%s"', (line, problem) => {
    expect(() => parseCommand(line.split(' '))).toThrow(
      expect.objectContaining({ code: 'IMAGES_BAD_SETTING', message: expect.stringContaining(problem) }),
    );
  });

  it('names every command and every setting in its help', () => {
    for (const word of ['build', 'list', 'save', 'prune', 'clean', 'probe', 'WHATSAPP_OPERATOR_BASES']) {
      expect(helpText()).toContain(word);
    }
  });
});
