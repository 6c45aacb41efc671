import { afterEach } from 'vitest';
import { OutboxRig, type RigOptions } from './outbox-rig.ts';

/** Rigs that end with the test that made them. */
const rigs: OutboxRig[] = [];

afterEach(() => {
  for (const rig of rigs.splice(0)) rig.dispose();
});

const kept = (rig: OutboxRig): OutboxRig => {
  rigs.push(rig);
  return rig;
};

/** Started and connected. */
export const started = (options?: RigOptions): OutboxRig => kept(OutboxRig.running(options));

export const unstarted = (options?: RigOptions): OutboxRig => kept(new OutboxRig(options));
