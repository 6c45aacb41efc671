import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'sandbox-compare-'));
afterAll(() => rmSync(folder, { recursive: true }));

const COMMAND = fileURLToPath(new URL('./compare-ledgers.ts', import.meta.url));

function ledger(name: string, lines: readonly (readonly [kind: string, id: string])[]): string {
  const path = join(folder, name);
  const text = lines.map(([kind, id], index) =>
    JSON.stringify({ seq: index + 1, at: 1, account: '1', chat: 'c', kind, id, device: null, detail: id }),
  );
  writeFileSync(path, text.join('\n'));
  return path;
}

const run = (...args: readonly string[]) =>
  spawnSync(process.execPath, [COMMAND, ...args], { encoding: 'utf8' });

test('two equal ledgers: exit code 0', () => {
  const path = ledger('equal', [
    ['delivered', 'A'],
    ['delivered', 'B'],
  ]);
  expect(run(path, path)).toMatchObject({ status: 0, stdout: 'deliveries: sound\n' });
});

test('a planted reorder, duplicate and loss: exit code 1, and each is named', () => {
  const expected = ledger('expected', [
    ['delivered', 'A'],
    ['delivered', 'B'],
    ['delivered', 'C'],
  ]);
  const seen = ledger('seen', [
    ['delivered', 'B'],
    ['delivered', 'A'],
    ['delivered', 'A'],
  ]);
  const { status, stdout } = run(expected, seen);
  expect(status).toBe(1);
  const report = JSON.parse(stdout.slice(stdout.indexOf('{')));
  expect(report).toMatchObject({
    lost: [{ key: 'C' }],
    duplicated: [{ key: 'A' }],
    reordered: [{ key: 'B' }],
    unexpected: [],
  });
});

test('one ledger is audited in itself', () => {
  expect(
    run(
      ledger('sound', [
        ['accepted', 'A'],
        ['delivered', 'A'],
      ]),
    ).status,
  ).toBe(0);
  expect(run(ledger('lossy', [['accepted', 'A']])).status).toBe(1);
});

test('wrong use explains itself: exit code 2', () => {
  const { status, stderr } = run();
  expect(status).toBe(2);
  expect(stderr).toContain('usage:');
});
