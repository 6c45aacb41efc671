import { expect, test } from 'vitest';
import { Collection, Model } from './model.ts';

interface Fields {
  readonly id: string;
  readonly ack: number;
  readonly body?: string;
}

const make = () => {
  const collection = new Collection<Model<Fields>>((model) => String(model.serialize()['id']));
  const model = new Model<Fields>({ id: 'a', ack: 0 });
  return { collection, model };
};

test('a change is told with the new and the previous value, to the model and its collections', () => {
  const { collection, model } = make();
  collection.add(model);
  const told: unknown[] = [];
  collection.on('change:ack', (_model: unknown, value: number, previous: number) =>
    told.push([value, previous]),
  );
  collection.on('change', () => told.push('change'));
  model.set({ ack: 1 });
  model.set({ ack: 1 });
  expect(told).toEqual([[1, 0], 'change']);
});

test('several events can be listened to at once, as the library does', () => {
  const { model } = make();
  const told: string[] = [];
  model.on('change:body change:ack', () => told.push('told'));
  model.set({ ack: 1, body: 'x' });
  expect(told).toHaveLength(2);
});

test('a listener for once hears once, one taken off hears nothing', () => {
  const { model } = make();
  const told: string[] = [];
  const off = () => told.push('off');
  model.once('change', () => told.push('once'));
  model.on('change', off);
  model.off('change', off);
  model.set({ ack: 1 });
  model.set({ ack: 2 });
  expect(told).toEqual(['once']);
});

test('a model that was removed is heard no more, and removal is told', () => {
  const { collection, model } = make();
  const told: string[] = [];
  for (const event of ['add', 'remove', 'change']) collection.on(event, () => told.push(event));
  collection.add(model);
  collection.add(model);
  collection.remove(model);
  model.set({ ack: 5 });
  expect(told).toEqual(['add', 'remove']);
});

test('older models go in front without being told', () => {
  const { collection, model } = make();
  collection.add(model);
  let added = 0;
  collection.on('add', () => added++);
  collection.prepend([new Model<Fields>({ id: 'older', ack: 0 })]);
  expect(collection.serialize().map(({ id }) => id)).toEqual(['older', 'a']);
  expect(added).toBe(0);
});
