import process from 'node:process';
import { createLog } from './log.ts';
import { killDescendants } from './metrics/process-tree.ts';
import { type SessionPod, startSessionPod } from './session-pod.ts';
import { readSettings } from './settings/settings.ts';
import { StartupError } from './startup-error.ts';
import { drawCodes, terminalLog } from './terminal.ts';

/** Settings, start, stop. What ends the process otherwise ends the browser too: nothing accepted is only in memory. */

try {
  const settings = readSettings(process.env);
  // The browser inherits the environment, and has no use for these.
  for (const secret of ['API_KEY', 'PROXY', 'WEBHOOKS']) delete process.env[secret];
  const { stdout } = process;
  const log = createLog(
    settings.logLevel,
    settings.sessionName,
    stdout.isTTY ? terminalLog(stdout) : undefined,
  );

  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (err: unknown) => endAtOnce(err, event));
  }

  /** For what nobody caught: a new process starts from what is on disk, which is better than to go on blindly. */
  function endAtOnce(err: unknown, what: string): never {
    log.fatal({ err }, `${what}: ending at once`);
    killDescendants();
    process.exit(1);
  }

  const starting = startSessionPod(settings, {
    log,
    onFatal: (error) => endAtOnce(error, 'the outbox cannot go on'),
    ...(stdout.isTTY ? { onEngine: (engine) => drawCodes(engine, stdout) } : {}),
  });
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stopping) {
        log.info({ signal }, 'shutting down already');
        return;
      }
      stopping = true;
      log.info({ signal }, 'shutting down');
      void shutDown(starting, settings.shutdownTimeoutMs).then((code) => process.exit(code));
    });
  }

  async function shutDown(pod: Promise<SessionPod>, timeoutMs: number): Promise<number> {
    const began = Date.now();
    const timer = setTimeout(() => {
      log.error({ timeoutMs }, 'the shutdown takes too long: ending at once');
      killDescendants();
      process.exit(1);
    }, timeoutMs);
    try {
      await (await pod).stop();
      log.info({ afterMs: Date.now() - began }, 'stopped');
      return 0;
    } catch (err) {
      log.error({ err }, 'the shutdown failed in part');
      killDescendants();
      return 1;
    } finally {
      clearTimeout(timer);
    }
  }

  await starting;
} catch (error) {
  console.error(error instanceof StartupError ? error.message : error);
  killDescendants();
  process.exit(error instanceof StartupError ? error.exitCode : 1);
}
