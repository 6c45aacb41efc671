import { expect, test } from 'vitest';
import { MsgKey } from './message-key.ts';
import { createWid, Wid } from './wid.ts';

test('a key is written as direction, chat and id, and in groups with its author', () => {
  const me = new Wid('49151@c.us');
  const direct = new MsgKey({ from: me, to: new Wid('49152@c.us'), id: 'ID', selfDir: 'out' });
  expect(direct._serialized).toBe('true_49152@c.us_ID');
  const group = new MsgKey({ fromMe: false, remote: new Wid('1@g.us'), id: 'ID', participant: me });
  expect(group._serialized).toBe('false_1@g.us_ID_49151@c.us');
  expect(MsgKey.fromString('false_1@g.us_ID_49151@c.us')).toEqual(group);
});

test('a new id has the length of a message from a browser', async () => {
  expect(await MsgKey.newId()).toMatch(/^3EB0[0-9A-F]{18}$/);
});

test.for([
  ['49151@c.us', '49151@c.us'],
  ['49151@s.whatsapp.net', '49151@c.us'],
  ['49151:12@c.us', '49151@c.us'],
] as const)('the id %s is read as %s', ([given, read]) => {
  expect(createWid(given)._serialized).toBe(read);
});

test('an id can be made from something that looks like one, and from nothing else', () => {
  expect(createWid({ _serialized: '1@g.us' }).isGroup()).toBe(true);
  expect(() => createWid('nobody')).toThrow('invalid wid');
  expect(() => createWid(undefined)).toThrow('invalid wid');
});
