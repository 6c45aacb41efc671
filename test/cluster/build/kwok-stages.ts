import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../../machine/command.ts';

/** File in the folder of the binaries with kwok's rules for simulated nodes and pods, from its own module. */
export const kwokStages = 'kwok-stages.yaml';

/** The text of that file. kwok ships its stages as files of its module, and plays nothing without them. */
export async function readKwokStages(moduleDir: string): Promise<string> {
  const module = await runCommand(['go', 'list', '-m', '-f', '{{.Dir}}', 'sigs.k8s.io/kwok'], {
    cwd: moduleDir,
  });
  const stages = ['node/fast', 'node/heartbeat-with-lease', 'pod/fast'].flatMap((name) => {
    const dir = join(module.trim(), 'kustomize', 'stage', name);
    const files = readdirSync(dir).filter((file) => file.endsWith('.yaml') && file !== 'kustomization.yaml');
    return files.map((file) => readFileSync(join(dir, file), 'utf8').trim());
  });
  return `${stages.join('\n---\n')}\n`;
}
