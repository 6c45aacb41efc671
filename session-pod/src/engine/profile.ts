import { mkdir, readdir, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Account } from './engine.ts';

const accountFile = z.object({
  id: z.string(),
  name: z.string().optional(),
  platform: z.string().optional(),
});

/** Below this many free bytes Chromium's databases fail. */
const MIN_FREE_BYTES = 8 * 1024 * 1024;

/**
 * What the engine keeps on the volume: the browser's profile, and who is linked. Assumes that no other process uses
 * the folder; the caller holds the volume's lock.
 */
export class Profile {
  /** The browser's user-data-dir. */
  readonly folder: string;
  /** Home of the browser, for what it insists on writing outside its profile. */
  readonly home: string;
  readonly #account: string;

  constructor(dataFolder: string) {
    this.folder = join(dataFolder, 'profile');
    this.home = join(dataFolder, 'browser-home');
    this.#account = join(dataFolder, 'account.json');
  }

  /**
   * Makes the folders, and removes the lock that a browser of another pod's name left: Chromium refuses a profile
   * whose lock names another host (exit code 21).
   */
  async prepare(): Promise<void> {
    await Promise.all([this.folder, this.home].map((folder) => mkdir(folder, { recursive: true })));
    const names = await readdir(this.folder);
    const locks = names.filter((name) => name.startsWith('Singleton'));
    await Promise.all(locks.map((name) => rm(join(this.folder, name), { force: true })));
  }

  /** Forgets the account and everything of the browser. No browser may run. */
  async wipe(): Promise<void> {
    await rm(this.#account, { force: true });
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }

  /** Whether the volume has room for the browser to work. */
  async hasRoom(): Promise<boolean> {
    const { bavail, bsize } = await statfs(join(this.folder, '..'));
    return bavail * bsize >= MIN_FREE_BYTES;
  }

  /** Who was linked when the registration last was on the disk; undefined when nobody, or when it cannot be read. */
  async account(): Promise<Account | undefined> {
    try {
      const { id, name, platform } = accountFile.parse(JSON.parse(await readFile(this.#account, 'utf8')));
      return { id, name, platform };
    } catch {
      return undefined;
    }
  }

  async keepAccount(account: Account): Promise<void> {
    const fresh = `${this.#account}.new`;
    await writeFile(fresh, `${JSON.stringify(account)}\n`, { mode: 0o600, flush: true });
    await rename(fresh, this.#account);
  }

  async forgetAccount(): Promise<void> {
    await rm(this.#account, { force: true });
  }
}
