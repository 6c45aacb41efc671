import { findCommand, installPackages, packageManager } from './debian.ts';
import { Failure } from './failure.ts';

/** Prometheus and the tool that checks its rules, of which Debian's package has both. */
export interface Prometheus {
  readonly server: string;
  readonly promtool: string;
}

/** The machine's own, else Debian's, which root gets installed. Throws `no_prometheus` saying what to install. */
export async function ensurePrometheus(log: (line: string) => void): Promise<Prometheus> {
  const found = find();
  if (found !== undefined) return found;
  if (packageManager() !== 'debian' || process.getuid?.() !== 0) {
    throw new Failure('no_prometheus', 'there is no prometheus with promtool on this machine', {
      remedy: 'install it, on Debian as root: apt-get install --no-install-recommends prometheus',
    });
  }
  log("installing prometheus from the system's package sources");
  await installPackages(['prometheus']);
  const then = find();
  if (then === undefined) throw new Failure('no_prometheus', 'prometheus is installed and not found');
  return then;
}

function find(): Prometheus | undefined {
  const [server, promtool] = [findCommand('prometheus'), findCommand('promtool')];
  return server === undefined || promtool === undefined ? undefined : { server, promtool };
}
