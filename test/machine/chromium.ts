import { findCommand, installPackages, packageManager } from './debian.ts';
import { Failure } from './failure.ts';

/** Browsers that whatsapp-web.js can drive, the leanest first. */
const BROWSERS = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'] as const;

/** What decides about the browser. */
export interface BrowserFacts {
  /** A browser that the person names. */
  readonly named: string | undefined;
  /** Where the machine has one, by its command. */
  readonly find: (command: string) => string | undefined;
  readonly root: boolean;
  readonly packageManager: 'debian' | 'other';
}

/** What to do about the browser. */
export type BrowserPlan =
  | { readonly kind: 'use'; readonly file: string }
  | { readonly kind: 'install'; readonly package: string }
  | { readonly kind: 'refuse'; readonly problem: string; readonly remedy: string };

/** The browser that is named or there, else what has to be installed and by whom. */
export function planBrowser({ named, find, root, packageManager: manager }: BrowserFacts): BrowserPlan {
  if (named !== undefined) {
    const file = find(named);
    return file === undefined
      ? { kind: 'refuse', problem: `there is no browser ${named}`, remedy: 'correct SANDBOX_CHROMIUM' }
      : { kind: 'use', file };
  }
  const file = BROWSERS.map(find).find((found) => found !== undefined);
  if (file !== undefined) return { kind: 'use', file };
  const problem = 'there is no Chromium on this machine';
  if (manager === 'other') return { kind: 'refuse', problem, remedy: 'install Chromium or Chrome' };
  if (root) return { kind: 'install', package: BROWSERS[0] };
  return {
    kind: 'refuse',
    problem,
    remedy: `run as root: apt-get install --no-install-recommends ${BROWSERS[0]}`,
  };
}

/**
 * The file of a Chromium: what SANDBOX_CHROMIUM names, else the machine's own, else Debian's, which root gets
 * installed. Throws `no_browser` saying what to install where that is for the person to do.
 */
export async function ensureChromium(log: (line: string) => void): Promise<string> {
  const facts: BrowserFacts = {
    named: process.env['SANDBOX_CHROMIUM'] || undefined,
    find: findCommand,
    root: process.getuid?.() === 0,
    packageManager: packageManager(),
  };
  const plan = planBrowser(facts);
  if (plan.kind === 'use') return plan.file;
  if (plan.kind === 'refuse') throw new Failure('no_browser', plan.problem, { remedy: plan.remedy });
  log(`installing ${plan.package} from the system's package sources`);
  await installPackages([plan.package]);
  const then = planBrowser(facts);
  if (then.kind === 'use') return then.file;
  throw new Failure('no_browser', `${plan.package} is installed and not found`);
}
