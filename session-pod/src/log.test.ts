import { expect, test } from 'vitest';
import { createLog, maskNumbers } from './log.ts';

test.each([
  ['5511912345678@c.us is not on WhatsApp', '***@c.us is not on WhatsApp'],
  ['false_491510000001-1612345678@g.us_3EB0AA', 'false_***@g.us_3EB0AA'],
  ['call +55 11 91234-5678 now', 'call *** now'],
  ['took 12345678 ms on port 3000', 'took 12345678 ms on port 3000'],
])('%j is logged as %j', (text, masked) => {
  expect(maskNumbers(text)).toBe(masked);
});

function logged(level: string, fields: object): Record<string, unknown> {
  const lines: string[] = [];
  createLog(level, 'sales', { write: (line: string) => void lines.push(line) }).info(fields, 'done');
  return JSON.parse(lines[0] ?? '{}') as Record<string, unknown>;
}

test('numbers hide in details and in errors with their causes', () => {
  const cause = new Error('no lid for 5511912345678@c.us');
  const line = logged('info', { detail: 'for 5511912345678@c.us', err: new Error('lookup', { cause }) });
  expect(JSON.stringify(line)).not.toContain('5511912345678');
  expect(line).toMatchObject({ session: 'sales', level: 'info', detail: 'for ***@c.us', msg: 'done' });
});

test('at debug numbers are shown', () => {
  expect(logged('debug', { detail: 'for 5511912345678@c.us' })['detail']).toContain('5511912345678');
});

test('what a message says is never written, whatever the level', () => {
  const line = logged('trace', { message: { body: 'a secret', caption: 'another', text: 'third' } });
  expect(JSON.stringify(line)).not.toMatch(/secret|another|third/);
});
