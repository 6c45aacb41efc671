/** The probe's process: reads the settings, puts the parts together, starts, and stops on SIGTERM. */
import { createIdentity } from './identity.ts';
import { createJournal } from './journal.ts';
import { createProbe } from './probe.ts';
import { readSettings } from './settings.ts';
import { openStore } from './store.ts';

const settings = readSettings(process.env);
const identity = createIdentity();
const journal = createJournal(identity.bootId, console.log, () => new Date());
const store = openStore(settings.dataDir);
const probe = createProbe({ identity, store, journal, exit: (code) => process.exit(code) });

process.on('SIGTERM', () => probe.stop(0));
process.on('SIGINT', () => probe.stop(0));
probe.server.listen(settings.port, () => {
  const address = probe.server.address();
  const port = typeof address === 'object' ? address?.port : settings.port;
  journal('listening', { port, dataDir: settings.dataDir, uid: identity.uid });
});
