import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ApiKeys } from './api-keys.ts';

const OLD = 'an-old-key-0123456789';
const NEW = 'a-new-key-0123456789';

test('without a key set everybody may call', () => {
  const keys = new ApiKeys({ kind: 'none' });
  expect(keys.required).toBe(false);
  expect(keys.accepts(undefined)).toBe(true);
});

test.each([undefined, '', 'an-old-key-012345678', `${OLD}x`, OLD.toUpperCase(), 'é'.repeat(30)])(
  '%j is not the key',
  (given) => {
    expect(new ApiKeys({ kind: 'fixed', keys: [OLD] }).accepts(given)).toBe(false);
  },
);

test('two keys are both right', () => {
  const keys = new ApiKeys({ kind: 'fixed', keys: [OLD, NEW] });
  expect([OLD, NEW, 'neither'].map((key) => keys.accepts(key))).toEqual([true, true, false]);
});

test('a file is followed: exchanged, broken, gone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'api-key-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'key');
  let now = 0;
  const write = (text: string) => {
    writeFileSync(path, text);
    now += 2000;
  };
  write(OLD);
  const keys = new ApiKeys({ kind: 'file', path }, () => now);
  expect(keys.accepts(OLD)).toBe(true);
  write(`${NEW}\n${OLD}\n`);
  expect([OLD, NEW].map((key) => keys.accepts(key))).toEqual([true, true]);
  write(`${NEW}\n`);
  expect([OLD, NEW].map((key) => keys.accepts(key))).toEqual([false, true]);
  // Half written, or emptied: the last good key stays.
  write('x');
  expect(keys.accepts(NEW)).toBe(true);
  rmSync(path);
  now += 2000;
  expect(keys.accepts(NEW)).toBe(true);
});
