import type { Session } from '../session.ts';
import type { PageStorage } from '../storage.ts';
import { commandModules } from './commands.ts';
import { fileModules } from './files.ts';
import { linkingModules, type Modules } from './linking.ts';
import { readingModules } from './reading.ts';
import { writingModules } from './writing.ts';

/** Every module that the simulated page has, by the name under which it is required. */
export const allModules = (session: Session, storage: PageStorage): Modules => ({
  ...linkingModules(session),
  ...commandModules(session, storage),
  ...readingModules(session, storage),
  ...writingModules(session, storage),
  ...fileModules(),
});
