import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messageContent } from './content.ts';
import { sendRequestSchema } from './message.ts';

const request = (content: unknown, more: object = {}) => ({ to: '+55 11 91234-5678', content, ...more });

describe('a send request', () => {
  const taken: readonly (readonly [string, unknown])[] = [
    ['a text', { type: 'text', text: 'hello' }],
    ['an image by URL', { type: 'image', media: { url: 'https://example.com/a.png' }, caption: 'see' }],
    ['a document in base64', { type: 'document', media: { data: 'aGVsbG8=' }, filename: 'a.txt' }],
    ['a voice message from a part', { type: 'voice', media: { part: 'file' } }],
    ['a location', { type: 'location', latitude: -23.5, longitude: -46.6, name: 'here' }],
    [
      'a contact by fields',
      { type: 'contacts', contacts: [{ name: 'Ana', phoneNumber: '+55 11 91234-5678' }] },
    ],
    ['a contact as vCard', { type: 'contacts', contacts: [{ vcard: 'BEGIN:VCARD\nFN:Ana\nEND:VCARD' }] }],
    ['a poll', { type: 'poll', question: 'when?', options: ['now', 'later'] }],
    ['a reaction', { type: 'reaction', messageId: 'false_5511912345678@c.us_3EB0C431', emoji: '👍' }],
    [
      'the end of a reaction',
      { type: 'reaction', messageId: 'true_1203@g.us_3EB0C431_5511912345678@c.us', emoji: '' },
    ],
  ];
  it.each(taken)('may be %s', (_what, content) => {
    expect(sendRequestSchema.parse(request(content))).toMatchObject({
      to: '5511912345678@c.us',
      mentions: [],
    });
  });

  const refused: readonly (readonly [string, unknown])[] = [
    ['a field that nobody knows', { type: 'text', text: 'hello', colour: 'red' }],
    ['an empty text', { type: 'text', text: '' }],
    ['an unknown type', { type: 'hologram' }],
    ['two sources of a file', { type: 'image', media: { url: 'https://example.com/a', data: 'aGVsbG8=' } }],
    ['a file from the disk of the server', { type: 'image', media: { url: 'file:///etc/passwd' } }],
    ['base64 that is none', { type: 'image', media: { data: '!!!!' } }],
    ['a filename with a path', { type: 'document', media: { part: 'file' }, filename: '../../etc/passwd' }],
    ['a filename that is a folder', { type: 'document', media: { part: 'file' }, filename: '..' }],
    ['a caption on a voice message', { type: 'voice', media: { part: 'file' }, caption: 'x' }],
    ['a place that is not on earth', { type: 'location', latitude: 91, longitude: 0 }],
    ['a place that is no number', { type: 'location', latitude: Number.NaN, longitude: 0 }],
    ['a poll with equal options', { type: 'poll', question: 'when?', options: ['now', 'now '] }],
    ['a poll with one option', { type: 'poll', question: 'when?', options: ['now'] }],
    ['a reaction to a short id', { type: 'reaction', messageId: '3EB0C431', emoji: '👍' }],
  ];
  it.each(refused)('may not have %s', (_what, content) => {
    expect(sendRequestSchema.safeParse(request(content)).success).toBe(false);
  });

  it.each([
    { expiresAfterSeconds: 0 },
    { expiresAfterSeconds: 1.5 },
    { expiresAfterSeconds: 31 * 86_400 },
    { mentions: ['nobody'] },
    { replyTo: 'x' },
    { priority: 1 },
  ])('may not have %j', (more) => {
    expect(sendRequestSchema.safeParse(request({ type: 'text', text: 'hello' }, more)).success).toBe(false);
  });

  it('of any content survives being parsed twice', () => {
    const content = fc.record({
      type: fc.constant('text'),
      text: fc.string({ minLength: 1 }),
      linkPreview: fc.boolean(),
    });
    fc.assert(
      fc.property(content, (value) => {
        const once = messageContent.parse(value);
        expect(messageContent.parse(once)).toEqual(once);
      }),
    );
  });

  it('never makes the parser throw, whatever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        sendRequestSchema.safeParse(value);
        sendRequestSchema.safeParse(request(value));
      }),
    );
  });
});
