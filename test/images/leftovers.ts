import { readdir, readFile } from 'node:fs/promises';

/** The mounts of this machine at or below a folder. */
export async function mountsBelow(folder: string): Promise<string[]> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  const points = lines.flatMap((line) => line.split(' ')[4] ?? []);
  return points.filter((point) => point === folder || point.startsWith(`${folder}/`));
}

/** The processes, other than this one, that have a word in their arguments. */
export async function processesNaming(word: string): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const lines = await Promise.all(
    ids.map(
      async (id) =>
        `${id} ${(await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ')}`,
    ),
  );
  return lines.filter((line) => line.includes(word));
}
