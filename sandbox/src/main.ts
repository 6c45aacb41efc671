import process from 'node:process';
import { SandboxError } from './errors.ts';
import { startSandbox } from './sandbox.ts';
import { readSettings } from './settings.ts';

try {
  const sandbox = await startSandbox(readSettings(process.env));
  console.log(
    `\nSimulated WhatsApp. Start Chromium with:\n${sandbox.browserArgs.map((arg) => `  '${arg}'`).join('\n')}`,
  );
  console.log(`\nPlay the phone:  ${sandbox.controlUrl}/`);
  console.log(`Control API:     ${sandbox.controlUrl}  (document: ${sandbox.controlUrl}/openapi.json)\n`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      void sandbox.stop();
    });
  }
} catch (error) {
  console.error(error instanceof SandboxError ? error.message : error);
  process.exitCode = 1;
}
