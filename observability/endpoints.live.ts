import { afterAll, beforeAll, expect, it } from 'vitest';
import { openRegistry } from '../operator/src/describe-metrics.ts';
import { startTestPod, type TestPod } from '../session-pod/src/http/testing/test-pod.ts';
import { tryCommand } from '../test/machine/command.ts';
import { ensurePrometheus } from '../test/machine/prometheus.ts';

/** What both programs expose, as Prometheus' own linter sees it. */

let promtool: string;
let pod: TestPod;

beforeAll(async () => {
  ({ promtool } = await ensurePrometheus(console.error));
  pod = await startTestPod();
  pod.engine.connect();
});
afterAll(() => pod.remove());

const lint = async (text: string): Promise<string> => {
  const { code, stdout, stderr } = await tryCommand([promtool, 'check', 'metrics'], { input: text });
  return code === 0 ? '' : `${code}: ${stdout}${stderr}`;
};

it('nothing to object to in the metrics of a session pod', async () => {
  await pod.call('GET', '/api/v1/session');
  const text = await (await fetch(`${pod.healthUrl}/metrics`)).text();
  expect(text).toContain('whatsapp_session_state{state="Connected"} 1');
  expect(await lint(text)).toBe('');
});

it('nothing to object to in the metrics of the operator', async () => {
  const text = await openRegistry().metrics();
  expect(text).toContain('whatsapp_operator_session_restarts_total{reason="OOMKilled"} 0');
  expect(await lint(text)).toBe('');
});

it('the linter would object', async () => {
  expect(await lint('# TYPE wrong_total gauge\nwrong_total 1\n')).toContain('wrong_total');
});
