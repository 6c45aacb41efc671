import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { renderDeadlines } from './deadlines.ts';

test('the documentation carries the table as it is', async () => {
  const page = await readFile(new URL('../../../docs/engine.md', import.meta.url), 'utf8');
  expect(page).toContain(renderDeadlines());
});
