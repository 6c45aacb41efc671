import { expect, test } from 'vitest';
import { faultSchema } from '../src/faults/fault.ts';
import { faultKinds, parameterWords, readFault } from './fault-catalogue.ts';

const kindOf = (kind: string) => {
  const found = faultKinds.find((one) => one.kind === kind);
  if (found === undefined) throw new Error(`the form has no ${kind}`);
  return found;
};

test('the form knows every fault, each with words and values to begin with that are valid', () => {
  expect(faultKinds.length).toBeGreaterThanOrEqual(28);
  for (const fault of faultKinds) {
    expect(fault.description, fault.kind).not.toBe('');
    const read = readFault(fault, {});
    expect(read, fault.kind).toMatchObject({ ok: true, fault: { kind: fault.kind } });
    if (read.ok) expect(faultSchema.safeParse(read.fault).success).toBe(true);
  }
});

test('each parameter has the control that fits it', () => {
  const controls = (kind: string) =>
    kindOf(kind).fields.map(({ name, control }) => `${name} ${control.kind}`);
  expect(controls('refuse-sends')).toEqual(['code text', 'probability number']);
  expect(controls('withhold-acks')).toEqual(['acks levels']);
  expect(controls('missing-modules')).toEqual(['modules words']);
  expect(controls('block')).toEqual(['state choice']);
  expect(controls('whats-new')).toEqual(['blocksSync flag']);
});

test.for([
  ['slow-socket', { ms: '' }, 'ms'],
  ['slow-socket', { ms: '1.5' }, 'ms'],
  ['lose-deliveries', { probability: '2' }, 'probability'],
  ['withhold-acks', { acks: [] }, 'acks'],
  ['missing-modules', { modules: ' , ' }, 'modules'],
] as const)('%s with %o is refused by the name of what is wrong', ([kind, values, name]) => {
  expect(readFault(kindOf(kind), values)).toEqual({ ok: false, problem: `"${name}" does not fit.` });
});

test('words are cut at commas', () => {
  const read = readFault(kindOf('missing-modules'), { modules: 'WAWebA, WAWebB' });
  expect(read).toEqual({ ok: true, fault: { kind: 'missing-modules', modules: ['WAWebA', 'WAWebB'] } });
  if (read.ok) expect(parameterWords(read.fault)).toBe('modules WAWebA WAWebB');
});
