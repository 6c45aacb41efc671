import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { timingSchema } from '../../src/timing.ts';
import { PageFaults } from '../page-faults.ts';
import { Session } from '../session.ts';
import { PageStorage } from '../storage.ts';
import { allModules } from './all.ts';
import notModelled from './not-modelled.json' with { type: 'json' };

const library = dirname(createRequire(import.meta.url).resolve('whatsapp-web.js/package.json'));

/** Every page module whose name stands in the library's source. */
function requiredModules(): ReadonlySet<string> {
  const files = readdirSync(join(library, 'src'), { recursive: true, encoding: 'utf8' });
  const sources = files
    .filter((name) => name.endsWith('.js'))
    .map((name) => readFileSync(join(library, 'src', name), 'utf8'))
    .join('\n');
  const names = [...sources.matchAll(/(?:require\(\s*|module:\s*)'(WA\w+)'/g)].map(([, name]) => name ?? '');
  return new Set(names);
}

const boot = { version: 'test', timing: timingSchema.parse({}), faults: [] };
const storage = new PageStorage();
const modelled = new Set(Object.keys(allModules(new Session(storage, new PageFaults(), boot), storage)));

test('each module that the library requires is modelled, or listed as not modelled', () => {
  expect([...requiredModules().difference(modelled)].sort()).toEqual(notModelled);
});

test('the page has no module that the library does not require', () => {
  expect([...modelled.difference(requiredModules())]).toEqual([]);
});
