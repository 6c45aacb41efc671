import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import type { WorkerEvent } from '../protocol.ts';
import { fullIdOf, tellLibraryHints } from './library-hints.ts';

const CHAT = '4915700000000@c.us';
const GROUP = '120363025246125486@g.us';

it.each([
  ['of somebody', { fromMe: false, remote: CHAT, id: 'M1' }, `false_${CHAT}_M1`],
  ['of the account', { fromMe: true, remote: CHAT, id: 'M1' }, `true_${CHAT}_M1`],
  ['with ids as objects', { fromMe: false, remote: { _serialized: CHAT }, id: 'M1' }, `false_${CHAT}_M1`],
  [
    'in a group',
    { fromMe: false, remote: GROUP, id: 'M1', participant: { _serialized: CHAT } },
    `false_${GROUP}_M1_${CHAT}`,
  ],
  ['without a chat', { fromMe: false, id: 'M1' }, undefined],
  ['that is none', undefined, undefined],
])('a key %s', (_what, key, id) => {
  expect(fullIdOf(key)?.messageId).toBe(id);
});

it('passes on reactions and calls of others, and nothing that is broken', () => {
  const client = new EventEmitter();
  const told: WorkerEvent[] = [];
  tellLibraryHints(client, (event) => told.push(event));
  client.emit('message_reaction', { msgId: { fromMe: false, remote: CHAT, id: 'M1' } });
  client.emit('message_reaction', {});
  const call = {
    id: 'C1',
    from: CHAT,
    timestamp: 1_700_000_000,
    isVideo: true,
    isGroup: false,
    fromMe: false,
  };
  client.emit('call', call);
  client.emit('call', { ...call, fromMe: true });
  client.emit('call', undefined);
  expect(told).toEqual([
    { kind: 'inbound', hint: { kind: 'changed', messageId: `false_${CHAT}_M1`, chatId: CHAT } },
    {
      kind: 'inbound',
      hint: {
        kind: 'call',
        call: { id: 'C1', from: CHAT, isVideo: true, isGroup: false, timestamp: 1_700_000_000_000 },
      },
    },
  ]);
});
