import { describe, expect, it } from 'vitest';
import { pods } from './resource.ts';
import { parseWatchEvent } from './watch-event.ts';

const object = { metadata: { name: 'a', uid: 'u', resourceVersion: '7' } };

describe('a line of a watch', () => {
  it.each([
    { type: 'ADDED', kind: 'put' },
    { type: 'MODIFIED', kind: 'put' },
    { type: 'DELETED', kind: 'removed' },
    { type: 'BOOKMARK', kind: 'bookmark' },
  ])('of type $type is $kind at its version', ({ type, kind }) => {
    expect(parseWatchEvent(pods, JSON.stringify({ type, object }))).toMatchObject({
      kind,
      resourceVersion: '7',
    });
  });

  it('that is an error carries the status', () => {
    const line = JSON.stringify({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });
    expect(parseWatchEvent(pods, line)).toEqual({ kind: 'failed', status: { code: 410, reason: 'Expired' } });
  });

  it.each([
    { what: 'is no JSON', line: '{"type":"ADDED","obj' },
    { what: 'is JSON but no object', line: 'null' },
    { what: 'is HTML of a proxy', line: '<html>' },
    { what: 'has no object', line: '{"type":"ADDED"}' },
    { what: 'has no version', line: '{"type":"ADDED","object":{"metadata":{"name":"a","uid":"u"}}}' },
    { what: 'has no UID', line: '{"type":"ADDED","object":{"metadata":{"name":"a","resourceVersion":"1"}}}' },
    { what: 'has an unknown type', line: JSON.stringify({ type: 'MOVED', object }) },
  ])('that $what is corrupt', ({ line }) => {
    expect(parseWatchEvent(pods, line).kind).toBe('corrupt');
  });

  it('says the kind that list items leave out', () => {
    const event = parseWatchEvent(pods, JSON.stringify({ type: 'ADDED', object }));
    expect(event).toMatchObject({ object: { apiVersion: 'v1', kind: 'Pod' } });
  });
});
