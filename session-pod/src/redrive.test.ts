import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { KEY, startTestPod, type TestPod } from './http/testing/test-pod.ts';

let pod: TestPod;
beforeAll(async () => {
  pod = await startTestPod({ WEBHOOKS: '[{"id": "crm", "url": "https://example.com/", "enabled": false}]' });
});
afterAll(() => pod.remove());

async function redrive(...args: readonly string[]): Promise<readonly [number, string]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'redrive.ts'), ...args], {
    env: { ...process.env, API_KEY: KEY },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const [code] = (await once(child, 'close')) as [number];
  return [code, said.trim()];
}

it('says how many are sent again, or why none is', async () => {
  expect(await redrive('--url', pod.url, 'crm')).toEqual([0, '0 dead letters are sent again']);
  expect(await redrive('--url', pod.url, 'crm', '7', '8')).toEqual([0, '0 dead letters are sent again']);
  const [unknown, why] = await redrive('--url', pod.url, 'nobody');
  expect([unknown, why]).toEqual([1, 'No webhook has this id: there is no webhook nobody']);
  expect((await redrive('--url', pod.url, 'crm', 'seven'))[0]).toBe(2);
  expect((await redrive('--url', 'http://127.0.0.1:1', 'crm'))[0]).toBe(2);
}, 60_000);
