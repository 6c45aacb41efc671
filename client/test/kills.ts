import process from 'node:process';
import { startTestSandbox } from '@whatsapp-operator/sandbox/testing';
import { linkedPod } from './pods/linked-pod.ts';
import { sendUnderKills } from './pods/sends-under-kills.ts';

/**
 * Sends by the client while the pod's process is killed at a random moment of each:
 * `npm run kills -w client -- [COUNT [SEED]]`, 200 and 1 by default. Exit code 0 when each arrived exactly once.
 */
const [count = 200, seed = 1] = process.argv.slice(2).map(Number);

const sandbox = await startTestSandbox({ SANDBOX_TIMING_SYNC_MS: '100' });
const pod = await linkedPod(sandbox);
try {
  const ledger = await sendUnderKills(pod, sandbox.client, {
    count,
    seed,
    withinMs: 2_000,
    onSend: (sent, ms, retries) => console.log(`${sent} of ${count}: ${ms} ms, ${retries} retries so far`),
  });
  console.log(JSON.stringify(ledger, null, 2));
  const wrong = ledger.lost.length + ledger.doubled.length + ledger.invented.length + ledger.threw.length;
  console.log(wrong === 0 ? `${count} sends, ${ledger.kills} kills: each exactly once` : `${wrong} WRONG`);
  process.exitCode = wrong === 0 ? 0 : 1;
} finally {
  await pod.remove();
  await sandbox.stop();
}
