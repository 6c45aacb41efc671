import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Ballast } from './ballast.ts';
import { Store } from './store.ts';

const BYTES = 3 * 2 ** 20;

let folder: string;
let free: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ballast-'));
  free = 100 * 2 ** 20;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const path = () => join(folder, 'ballast');
const ballast = () => new Ballast({ folder, reserveBytes: 2 ** 20, free: () => free, bytes: BYTES });

test('takes its room once, and gives it up once', () => {
  ballast().take();
  expect(statSync(path()).size).toBe(BYTES);
  expect([ballast().drop(), ballast().drop()]).toEqual([true, false]);
  expect(existsSync(path())).toBe(false);
});

test('leaves a volume alone that has little more than the reserve', () => {
  free = BYTES + 2 ** 20 - 1;
  ballast().take();
  expect(existsSync(path())).toBe(false);
});

test('one that was cut short is made whole', () => {
  writeFileSync(path(), 'too small');
  ballast().take();
  expect(statSync(path()).size).toBe(BYTES);
});

test('a folder that cannot be written is no error', () => {
  const nowhere = new Ballast({ folder: join(folder, 'gone'), reserveBytes: 0, free: () => free });
  nowhere.take();
  expect(nowhere.drop()).toBe(false);
});

test('a write that finds no room is done on the ballast, and the next one without fails as storage_full', () => {
  const store = Store.open({ folder, free: () => free });
  const full = Object.assign(new Error('database or disk is full'), { errcode: 13 });
  let works = 0;
  const write = () => {
    works += 1;
    if (existsSync(path())) throw full;
    return 'written';
  };
  expect(store.database.transaction(write)).toBe('written');
  expect(works).toBe(2);
  expect(() =>
    store.database.transaction(() => {
      throw full;
    }),
  ).toThrow('the volume is full');
  store.close();
});
