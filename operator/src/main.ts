import process from 'node:process';
import { pino } from 'pino';
import { defaultAccess } from './kube/credentials.ts';
import { runOperator } from './operator.ts';
import { readSettings, SettingsError } from './settings.ts';

try {
  const settings = readSettings(process.env);
  const log = pino({ level: settings.logLevel });
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log.info({ signal }, 'operator stopping');
      stop.abort();
    });
  }
  const end = await runOperator(settings, await defaultAccess(process.env), log, stop.signal);
  log.info({ end }, 'operator stopped');
  // Caches and work of a process that no longer leads are of no use: the kubelet starts a fresh one.
  process.exitCode = end === 'lost_leadership' ? 1 : 0;
} catch (error) {
  console.error(error instanceof SettingsError ? error.message : error);
  process.exitCode = 1;
}
