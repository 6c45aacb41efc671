import { existsSync, readFileSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { runCommand } from './command.ts';

/** The file of a command, by name or by path, where this machine has it; undefined when it has none. */
export function findCommand(command: string): string | undefined {
  if (isAbsolute(command)) return existsSync(command) ? command : undefined;
  // Debian keeps ip, nft and mkfs in sbin, which a login shell of an ordinary user may lack.
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, command))
    .find((file) => existsSync(file));
}

/** Who may install packages here, and how: `debian` covers Ubuntu and whatever else names Debian in ID_LIKE. */
export function packageManager(): 'debian' | 'other' {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  const debianLike = /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(release);
  return debianLike && findCommand('apt-get') !== undefined ? 'debian' : 'other';
}

/** Installs packages from the system's package sources. Needs root. */
export async function installPackages(packages: readonly string[]): Promise<void> {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  // Somebody else's apt-get on a fresh machine (unattended upgrades) is waited for instead of failing.
  const wait = ['-o', 'DPkg::Lock::Timeout=300'];
  await runCommand(['apt-get', 'update', '-qq', ...wait], { env });
  await runCommand(['apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...wait, ...packages], {
    env,
  });
}
