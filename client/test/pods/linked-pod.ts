import type { TestSandbox } from '@whatsapp-operator/sandbox/testing';
import { WhatsAppClient, WhatsAppError } from '../../src/index.ts';
import { KEY, RestartingPod } from './restarting-pod.ts';

export const NUMBER = '491510000001';

/** A pod that is linked and connected. */
export async function linkedPod(sandbox: TestSandbox): Promise<RestartingPod> {
  const pod = await RestartingPod.start(sandbox.controlUrl);
  const client = new WhatsAppClient({ url: pod.url, apiKey: KEY });
  try {
    const qr = await firstCode(client);
    await sandbox.client.call('scan', { params: { number: NUMBER }, body: { qr } });
    await client.waitUntilConnected({ throughPairing: true });
    return pod;
  } catch (error) {
    const { output } = pod;
    await pod.remove();
    throw new Error(`the pod was not linked; it said:\n${output}`, { cause: error });
  }
}

/** The code, as soon as there is one. */
export async function firstCode(client: WhatsAppClient): Promise<string> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      return (await client.qr()).qr;
    } catch (error) {
      const patient = error instanceof WhatsAppError && error.code === 'not_pairing' && Date.now() < deadline;
      if (!patient) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
