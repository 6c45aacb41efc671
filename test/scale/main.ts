import { loadavg } from 'node:os';
import process from 'node:process';
import { table } from '../bench/usage.ts';
import { openProgress } from '../cluster/build/progress.ts';
import { down } from '../cluster/down.ts';
import { readSettings } from '../cluster/settings.ts';
import { up } from '../cluster/up.ts';
import { runCommand } from '../machine/command.ts';
import { describeFailure } from '../machine/failure.ts';
import { type Fleet, openFleet } from './fleet.ts';
import {
  type Extent,
  measureFailover,
  measurePlateau,
  measureStarts,
  type Plateau,
  startOthers,
  stopOthers,
} from './measure.ts';
import { imageNodeOptions, type OperatorProcess, startOperator } from './operator-process.ts';
import { plateauRows, startRows } from './report.ts';
import { prepareStage, type Stage } from './stage.ts';

/** `make scale`: what the operator costs, measured on a real API server. */

const extents: Readonly<Record<string, Extent>> = {
  small: { thrownAway: 20, measured: 50, perSecond: 5, plateaus: [200], idleSeconds: 15 },
  full: { thrownAway: 300, measured: 300, perSecond: 5, plateaus: [1000, 5000, 10_000], idleSeconds: 60 },
};

const usage = `usage: make scale [SIZE=small|full] [CLUSTER=name]

Measures the bundled operator on a local cluster of its own, which is made anew and removed in the end.
SIZE         full (default, about half an hour) or small (three minutes; its figures are no benchmark)
PLATEAUS     sizes to measure instead, such as 1000,5000
OPERATOR_NODE_OPTIONS  flags of Node instead of those of the image
KEEP_CLUSTER leaves the cluster running`;

const say = (text: string): void => console.error(text);

async function measure(stage: Stage, fleet: Fleet, extent: Extent): Promise<void> {
  let operator: OperatorProcess = startOperator(stage);
  try {
    say(`${extent.thrownAway} sessions to warm up, then ${extent.measured} at ${extent.perSecond} a second`);
    const starts = await measureStarts(stage, fleet, operator, extent);
    console.log(`\n${table(['per session start', 'measured', 'goal'], startRows(starts))}`);
    await stopOthers(stage);
    const plateaus: Plateau[] = [];
    for (const sessions of extent.plateaus) {
      say(`${sessions} sessions (load ${loadavg()[0]?.toFixed(1)})`);
      const measured = await measurePlateau(stage, fleet, operator, sessions, extent);
      ({ operator } = measured);
      plateaus.push(measured.plateau);
      console.log(`\n${table(['', sessions.toLocaleString('en'), 'goal'], plateauRows(measured.plateau))}`);
    }
    const { failoverMs, operator: standby } = await measureFailover(stage, fleet, operator);
    operator = standby;
    console.log(`\nFailover after the leader's death: ${(failoverMs / 1000).toFixed(1)} s (goal 20 s)`);
  } finally {
    operator.signal('SIGKILL');
  }
}

async function main(): Promise<number> {
  const size = process.env['SIZE'] || 'full';
  const chosen = extents[size];
  if (chosen === undefined || process.argv.includes('--help')) {
    console.log(usage);
    return chosen === undefined ? 2 : 0;
  }
  const plateaus = process.env['PLATEAUS']?.split(',').map(Number) ?? chosen.plateaus;
  const name = process.env['CLUSTER'] || 'scale';
  const settings = readSettings({ ...process.env, CLUSTER: name });
  const progress = openProgress(process.stderr);
  await runCommand([process.execPath, 'operator/src/bundle.ts']);
  await down(settings, name, progress);
  const { cluster } = await up(settings, name, progress);
  progress.close();
  const nodeOptions =
    process.env['OPERATOR_NODE_OPTIONS']?.split(' ').filter(Boolean) ?? (await imageNodeOptions());
  const stage = await prepareStage(cluster, { fakeNodes: 10, nodeOptions });
  const fleet = await openFleet(stage);
  const began = loadavg();
  try {
    console.log(`node ${nodeOptions.join(' ')} operator/dist/main.js`);
    await measure(stage, fleet, { ...chosen, plateaus });
    const loads = [began, loadavg()].map(([one]) => one?.toFixed(1)).join(' and ');
    console.log(`\nLoad of the machine before and after: ${loads}; the benchmark's own is in the second.`);
    return 0;
  } finally {
    await fleet.close();
    await stage.close();
    if (process.env['KEEP_CLUSTER']) await startOthers(stage);
    else await down(settings, name, openProgress(process.stderr));
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`\nerror: ${describeFailure(error)}`);
  process.exitCode = 1;
}
process.exit();
