import type { Plateau, Starts } from './measure.ts';

/** The tables, each figure beside its goal. */

type Row = readonly [what: string, measured: string, goal: string];

export function startRows(starts: Starts): readonly Row[] {
  return [
    [`from session to pod at ${starts.perSecond}/s, p50`, `${starts.p50Ms.toFixed(0)} ms`, '≤ 15 ms'],
    ['the same, p99', `${starts.p99Ms.toFixed(0)} ms`, '≤ 190 ms'],
    ["writes, by the operator's count with Events", starts.writesPerStart.toFixed(2), '–'],
    [
      "writes without Events, by the API server's count",
      sum(Object.values(starts.servedPerStart)).toFixed(2),
      '≤ 7',
    ],
    ...Object.entries(starts.servedPerStart).map(([kind, count]): Row => [`– ${kind}`, count.toFixed(2), '']),
    ["operator's processor time", `${starts.cpuMsPerStart.toFixed(1)} ms`, '≤ 19 ms'],
  ];
}

/** Goals by number of sessions; none for other numbers. */
const memoryGoals: Readonly<Record<number, string>> = {
  1000: '≤ 100 MiB',
  5000: '≤ 146 MiB',
  10000: '≤ 250 MiB',
};
const restartGoals: Readonly<Record<number, string>> = { 1000: '≤ 1.5 s', 5000: '≤ 3.2 s' };

export function plateauRows(plateau: Plateau): readonly Row[] {
  const memory = memoryGoals[plateau.sessions] ?? '–';
  return [
    ['RSS after making them', `${plateau.rssMiB.toFixed(0)} MiB`, memory],
    ['RSS of an operator that found them', `${plateau.rssAfterRestartMiB.toFixed(0)} MiB`, memory],
    ['writes while idle', `${plateau.idleWritesPerSecond.toFixed(2)}/s`, '0'],
    ['processor time while idle', `${plateau.idleCpuSecondsPerMinute.toFixed(2)} s a minute`, '≤ 0.1 s'],
    [
      'from a restart to the pod of a new session',
      `${(plateau.restartMs / 1000).toFixed(2)} s`,
      restartGoals[plateau.sessions] ?? '–',
    ],
    ['objects rewritten by the restart', String(plateau.rewritten), '0'],
    ['connections to the API server opened', String(plateau.connections), '≤ 30'],
    ['made on the way there', `${plateau.madePerSecond.toFixed(0)}/s`, '–'],
  ];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
