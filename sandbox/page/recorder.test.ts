import { expect, test } from 'vitest';
import { Recorder } from './recorder.ts';

class Counter {
  readonly #hidden = 1;
  state = 'CONNECTED';
  read(): number {
    return this.#hidden;
  }
}

function makeRecorder(missing: readonly string[] = []) {
  const modules = {
    WAWebSocketModel: { Socket: new Counter(), other: 1 },
    WAWebMsgKey: Object.assign(class Key {}, { newId: () => 'id' }),
  };
  return { modules, recorder: new Recorder(modules, (name) => missing.includes(name)) };
}

type Loose = Record<string, { state: string; read: () => number }>;

test('reads, calls and constructions are noted, one level into the known members', () => {
  const { recorder } = makeRecorder();
  const { Socket } = recorder.require('WAWebSocketModel') as Loose;
  expect(Socket?.state).toBe('CONNECTED');
  expect(Socket?.read()).toBe(1);
  const Key = recorder.require('WAWebMsgKey') as { new (): object; newId: () => string };
  expect(new Key() instanceof Key).toBe(true);
  Key.newId();
  expect(recorder.takeFresh()).toEqual({
    WAWebSocketModel: ['Socket', 'Socket.state', 'Socket.read'],
    WAWebMsgKey: ['new', 'newId'],
  });
  expect(recorder.takeFresh()).toBeNull();
});

test('what the library writes arrives in the module itself', () => {
  const { modules, recorder } = makeRecorder();
  (recorder.require('WAWebMsgKey') as { newId: () => string }).newId = () => 'pinned';
  expect(modules.WAWebMsgKey.newId()).toBe('pinned');
});

test('what is not there is noted with a question mark', () => {
  const { recorder } = makeRecorder();
  const module = recorder.require('WAWebSocketModel') as Loose;
  expect(module['Gone']).toBeUndefined();
  expect(() => recorder.require('WAWebGone')).toThrow('WAWebGone');
  expect(recorder.takeFresh()).toEqual({ WAWebSocketModel: ['?Gone'], '?WAWebGone': [''] });
});

test('a module can be made to go missing', () => {
  const { recorder } = makeRecorder(['WAWebMsgKey']);
  expect(() => recorder.require('WAWebMsgKey')).toThrow('Requiring unknown module "WAWebMsgKey"');
});
