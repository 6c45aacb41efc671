import { expect, test } from 'vitest';
import { NO_ACK_FAULTS, planAcks } from './plan-acks.ts';

const timing = { serverMs: 10, deviceMs: 20, readMs: 30 };
const middle = () => 0.5;
const levels = (plan: ReturnType<typeof planAcks>) => plan.map(({ ack }) => ack);

test('the server, the device and the reader answer one after the other', () => {
  expect(planAcks(timing, NO_ACK_FAULTS, middle, { from: 0, played: false })).toEqual([
    { ack: 1, afterMs: 10 },
    { ack: 2, afterMs: 30 },
    { ack: 3, afterMs: 60 },
  ]);
});

test('a voice message is also played', () => {
  expect(levels(planAcks(timing, NO_ACK_FAULTS, middle, { from: 0, played: true }))).toEqual([1, 2, 3, 4]);
});

test('what a message has already is not planned again', () => {
  expect(levels(planAcks(timing, NO_ACK_FAULTS, middle, { from: 2, played: false }))).toEqual([3]);
});

test('a delay moves all of them', () => {
  const plan = planAcks(timing, { ...NO_ACK_FAULTS, delayMs: 100 }, middle, { from: 0, played: false });
  expect(plan.map(({ afterMs }) => afterMs)).toEqual([110, 130, 160]);
});

test('withheld levels never come', () => {
  const plan = planAcks(timing, { ...NO_ACK_FAULTS, withheld: [1, 3] }, middle, { from: 0, played: false });
  expect(levels(plan)).toEqual([2]);
});

test('reversed acks keep their times and change places', () => {
  const plan = planAcks(timing, { ...NO_ACK_FAULTS, reversed: true }, middle, { from: 0, played: false });
  expect(plan).toEqual([
    { ack: 3, afterMs: 10 },
    { ack: 2, afterMs: 30 },
    { ack: 1, afterMs: 60 },
  ]);
});
