import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { probePort, type TestNamespace } from './namespace.ts';

/** What the probe answered. */
export interface ProbeAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** What the probe says of itself. */
export interface Identity {
  readonly hostname: string;
  readonly uid: number;
  readonly bootId: string;
}

/** What the probe got when it fetched something from inside its pod. */
export interface Fetched {
  readonly status: number;
  readonly body: string;
}

/**
 * Calls a probe pod through the API server's proxy, which works on any cluster. An error of the way there is
 * tried again for ten seconds; an answer of the probe is returned as it is.
 */
export async function callProbe(
  namespace: TestNamespace,
  pod: string,
  method: 'GET' | 'PUT' | 'POST',
  path: string,
  body?: string,
): Promise<ProbeAnswer> {
  for (const deadline = performance.now() + 10_000; ; await sleep(200)) {
    try {
      const answer = await callOnce(namespace, pod, method, path, body);
      if (answer.status !== 503 || performance.now() > deadline) return answer;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
  }
}

async function callOnce(
  namespace: TestNamespace,
  pod: string,
  method: string,
  path: string,
  body: string | undefined,
): Promise<ProbeAnswer> {
  const { kubeConfig } = namespace.target;
  const server = kubeConfig.getCurrentCluster()?.server ?? '';
  const url = `${server}/api/v1/namespaces/${namespace.name}/pods/${pod}:${probePort}/proxy${path}`;
  const options = { method, timeout: 15_000 };
  await kubeConfig.applyToHTTPSOptions(options);
  return await new Promise((resolve, reject) => {
    const call = request(url, options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: parse(text) }));
      response.on('error', reject);
    });
    call.on('timeout', () => call.destroy(new Error(`no answer from ${url}`)));
    call.on('error', reject);
    call.end(body);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Fetches a URL from inside a probe pod. */
export const fetchFrom = (namespace: TestNamespace, pod: string, url: string): Promise<ProbeAnswer> =>
  callProbe(namespace, pod, 'GET', `/fetch?timeoutMs=3000&url=${encodeURIComponent(url)}`);

export async function whoami(namespace: TestNamespace, pod: string): Promise<Identity> {
  return (await callProbe(namespace, pod, 'GET', '/whoami')).body as Identity;
}
