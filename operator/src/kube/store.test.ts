import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Live } from './objects.ts';
import type { Pod } from './pod.ts';
import { byLabel, byOwnerUid, Store } from './store.ts';
import { livePod } from './testing/objects.ts';
import { stripBookkeeping } from './transform.ts';

const newStore = () =>
  new Store<Pod, 'owner' | 'session'>({ owner: byOwnerUid, session: byLabel('session') });

const owned = (name: string, owner: string, version = '1') =>
  livePod(name, { version }, { ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: owner, uid: owner }] });

const kinds = (events: readonly { readonly kind: string }[]) => events.map((event) => event.kind);

describe('a store', () => {
  it('tells additions, changes and deletions, and nothing for what it knows', () => {
    const store = newStore();
    expect(kinds(store.put(livePod('a')))).toEqual(['added']);
    expect(kinds(store.put(livePod('a')))).toEqual([]);
    expect(kinds(store.put(livePod('a', { version: '2' })))).toEqual(['updated']);
    expect(kinds(store.remove(livePod('a', { version: '3' })))).toEqual(['deleted']);
    expect(kinds(store.remove(livePod('a', { version: '3' })))).toEqual([]);
  });

  it('tells an object that was made again under its name as deleted and added', () => {
    const store = newStore();
    store.put(livePod('a', { uid: 'first' }));
    const events = store.put(livePod('a', { uid: 'second', version: '2' }));
    expect(events.map((event) => [event.kind, event.object.metadata.uid])).toEqual([
      ['deleted', 'first'],
      ['added', 'second'],
    ]);
  });

  it('keeps the successor when the deletion of its predecessor is told late', () => {
    const store = newStore();
    store.put(livePod('a', { uid: 'second', version: '2' }));
    expect(store.remove(livePod('a', { uid: 'first' }))).toEqual([]);
    expect(store.get('default/a')?.metadata.uid).toBe('second');
  });

  it('has synced after the first complete list, whose additions are marked as initial', () => {
    const store = newStore();
    expect(store.hasSynced).toBe(false);
    expect(store.replace([livePod('a')])).toMatchObject([{ kind: 'added', initial: true }]);
    expect(store.hasSynced).toBe(true);
    expect(store.put(livePod('b'))).toMatchObject([{ kind: 'added', initial: false }]);
  });

  it('tells what a later list lacks as deleted', () => {
    const store = newStore();
    store.replace([livePod('a'), livePod('b')]);
    const events = store.replace([livePod('b'), livePod('c')]);
    expect(events.map((event) => [event.kind, event.object.metadata.name])).toEqual([
      ['deleted', 'a'],
      ['added', 'c'],
    ]);
  });

  it('finds objects by owner and by label, after changes too', () => {
    const store = newStore();
    store.put(owned('a', 'x'));
    store.put(owned('b', 'x'));
    store.put(owned('b', 'y', '2'));
    store.put(livePod('c', {}, { labels: { session: 'sales' } }));
    const names = (found: readonly Live<Pod>[]) => found.map((pod) => pod.metadata.name);
    expect(names(store.byIndex('owner', 'x'))).toEqual(['a']);
    expect(names(store.byIndex('owner', 'y'))).toEqual(['b']);
    expect(names(store.byIndex('session', 'default/sales'))).toEqual(['c']);
    expect(store.byIndex('owner', 'nobody')).toEqual([]);
  });

  it('hands out what nobody can change', () => {
    const store = newStore();
    store.put(livePod('a', {}, { labels: { x: '1' } }));
    const { labels } = store.get('default/a')?.metadata ?? {};
    expect(() => Object.assign(labels as object, { x: '2' })).toThrow(TypeError);
  });

  it('has exact indexes after any sequence of changes', () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const change = fc.record({
      name,
      owner: fc.constantFrom('x', 'y'),
      uid: fc.constantFrom('1', '2'),
      gone: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const store = newStore();
        for (const [version, one] of changes.entries()) {
          const pod = owned(one.name, one.owner, String(version));
          const object = { ...pod, metadata: { ...pod.metadata, uid: one.uid } };
          if (one.gone) store.remove(object);
          else store.put(object);
        }
        for (const owner of ['x', 'y']) {
          const expected = store.list().filter((pod) => byOwnerUid(pod).includes(owner));
          expect(new Set(store.byIndex('owner', owner))).toEqual(new Set(expected));
        }
      }),
    );
  });
});

it('the standard transform drops bookkeeping and nothing else', () => {
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{}', keep: 'me' };
  const pod = livePod('a', {}, { annotations });
  const stripped = stripBookkeeping(
    Object.assign(pod, { metadata: { ...pod.metadata, managedFields: [{}] } }),
  );
  expect(stripped).toEqual(livePod('a', {}, { annotations: { keep: 'me' } }));
});
