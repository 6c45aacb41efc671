import type { BootConfig } from '../src/wire.ts';
import { allModules } from './modules/all.ts';
import { PageFaults } from './page-faults.ts';
import { Recorder } from './recorder.ts';
import { Session } from './session.ts';
import { PageStorage } from './storage.ts';

/** How often the page tells the server what the library touched, in milliseconds. */
const REPORT_MS = 250;

/** What the library looks for on `window`. */
interface PageWindow {
  require?: Recorder['require'];
  Debug?: { readonly VERSION: string };
}

async function boot(): Promise<void> {
  const config = JSON.parse(document.querySelector('#boot')?.textContent ?? '') as BootConfig;
  const faults = new PageFaults();
  for (const fault of config.faults) faults.begin(fault);
  await new Promise((resolve) => setTimeout(resolve, faults.bootDelay()));

  const storage = new PageStorage();
  const session = new Session(storage, faults, config);
  const recorder = new Recorder(allModules(session, storage), (name) => faults.isMissing(name));
  const page = window as unknown as PageWindow;
  page.require = recorder.require;
  page.Debug = { VERSION: config.version };

  const status = document.querySelector('#status');
  session.socket.on('change:state', (_socket: unknown, state: string) => {
    if (status !== null) status.textContent = state;
  });
  setInterval(() => {
    const touched = session.socket.state === 'CONNECTED' ? recorder.takeFresh() : null;
    if (touched !== null) session.report({ t: 'touched', touched });
  }, REPORT_MS);
  await session.start();
}

void boot();
