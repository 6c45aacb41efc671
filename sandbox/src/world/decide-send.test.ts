import { expect, test } from 'vitest';
import { decideSend, type SendContext } from './decide-send.ts';

const usual: SendContext = { known: false, deduplicate: true, recipient: 'person', refusedBy: null };

test.for<readonly [string, Partial<SendContext>, ReturnType<typeof decideSend>]>([
  ['a new message to a person', {}, { kind: 'accept' }],
  ['a new message to a group of ours', { recipient: 'group-member' }, { kind: 'accept' }],
  ['a known id', { known: true }, { kind: 'deduplicate' }],
  ['a known id while a fault refuses sends', { known: true, refusedBy: '500' }, { kind: 'deduplicate' }],
  ['a known id without deduplication', { known: true, deduplicate: false }, { kind: 'deliver-again' }],
  ['a new message under a fault', { refusedBy: '429' }, { kind: 'refuse', code: '429' }],
  ['a number without WhatsApp', { recipient: 'not-registered' }, { kind: 'refuse', code: '404' }],
  ['a group without us', { recipient: 'not-a-member' }, { kind: 'refuse', code: '403' }],
  ['a group that is not there', { recipient: 'unknown-group' }, { kind: 'refuse', code: '404' }],
])('%s', ([, context, decision]) => {
  expect(decideSend({ ...usual, ...context })).toEqual(decision);
});
