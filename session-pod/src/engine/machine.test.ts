import type { SessionState, TransitionReason } from '@whatsapp-operator/api/session';
import { sessionState } from '@whatsapp-operator/api/session';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type MachineEvent, type PageView, transition } from './machine.ts';

const detail = 'seen';
const page = (view: PageView): MachineEvent => ({ kind: 'page', view, detail });
const lost = (reason: TransitionReason): MachineEvent => ({ kind: 'lost', reason, detail });

const moves: readonly [SessionState, string, MachineEvent, string | undefined][] = [
  ['Stopped', 'begins', { kind: 'begin', reason: 'started', detail }, 'Starting started'],
  ['Failed', 'a person asks', { kind: 'begin', reason: 'requested', detail }, 'Starting requested'],
  ['Starting', 'shows a code', page('unlinked'), 'Pairing progress'],
  ['Starting', 'shows a code although it was linked', page('unlinked-again'), 'Pairing logged_out'],
  ['Starting', 'is still on its way', page('connecting'), undefined],
  ['Starting', 'syncs', page('syncing'), 'Syncing progress'],
  ['Starting', 'is usable at once', page('usable'), 'Connected progress'],
  ['Pairing', 'still shows a code', page('unlinked'), undefined],
  ['Pairing', 'loses its line for a moment', page('connecting'), undefined],
  ['Pairing', 'was scanned', page('syncing'), 'Syncing progress'],
  ['Pairing', 'codes ran out', { kind: 'pairing-expired', detail }, 'Pairing pairing_expired'],
  ['Connected', 'codes ran out, which is stale news', { kind: 'pairing-expired', detail }, undefined],
  ['Syncing', 'is usable', page('usable'), 'Connected progress'],
  ['Syncing', 'loses its line for a moment', page('connecting'), undefined],
  ['Connected', 'is still usable', page('usable'), undefined],
  ['Connected', 'loses its line', page('connecting'), 'Disconnected socket_lost'],
  ['Connected', 'syncs something more', page('syncing'), undefined],
  ['Connected', 'crashes', lost('browser_crashed'), 'Disconnected browser_crashed'],
  ['Syncing', 'crashes', lost('renderer_crashed'), 'Disconnected renderer_crashed'],
  ['Disconnected', 'crashes too', lost('engine_hung'), 'Disconnected engine_hung'],
  ['Starting', 'crashes', lost('engine_hung'), 'Starting engine_hung'],
  ['Pairing', 'crashes', lost('engine_hung'), 'Starting engine_hung'],
  ['Disconnected', 'has its line again', page('usable'), 'Connected progress'],
  ['Disconnected', 'a browser is started', { kind: 'life', detail }, 'Starting progress'],
  ['Starting', 'a browser is started', { kind: 'life', detail }, undefined],
  ['LoggedOut', 'a browser is started', { kind: 'life', detail }, 'Starting progress'],
  ['LoggedOut', 'the old page says something', page('unlinked'), undefined],
  ['Connected', 'is unlinked', { kind: 'logged-out', reason: 'logged_out', detail }, 'LoggedOut logged_out'],
  ['Connected', 'is refused', { kind: 'refused', reason: 'conflict', detail }, 'Failed conflict'],
  ['Failed', 'the old page says something', page('usable'), undefined],
  ['Failed', 'the old browser ends', lost('browser_crashed'), undefined],
  ['Failed', 'is told to end', { kind: 'stop', detail }, 'Stopped shutdown'],
  ['Stopped', 'is told to end again', { kind: 'stop', detail }, undefined],
  ['Stopped', 'the old browser ends', lost('browser_crashed'), undefined],
];

describe('transition', () => {
  test.for(moves)('%s, and it %s', ([state, , event, expected]) => {
    const move = transition(state, event);
    expect(move === undefined ? undefined : `${move.to} ${move.reason}`).toBe(expected);
  });

  const events: fc.Arbitrary<MachineEvent> = fc.oneof(
    fc.constantFrom<PageView>('connecting', 'unlinked', 'unlinked-again', 'syncing', 'usable').map(page),
    fc.constantFrom<TransitionReason>('browser_crashed', 'socket_silent', 'navigation').map(lost),
    fc.constantFrom<MachineEvent>(
      { kind: 'life', detail },
      { kind: 'pairing-expired', detail },
      { kind: 'logged-out', reason: 'logged_out', detail },
      { kind: 'refused', reason: 'tos_block', detail },
      { kind: 'stop', detail },
    ),
  );

  test('nothing but a person leads out of Failed or Stopped, whatever the remains of a browser say', () => {
    fc.assert(
      fc.property(fc.constantFrom<SessionState>('Failed', 'Stopped'), events, (state, event) => {
        const move = transition(state, event);
        expect(['Stopped', 'LoggedOut', undefined]).toContain(move?.to);
        if (state === 'Stopped') expect(move).toBeUndefined();
      }),
    );
  });

  test('Connected is reached by a usable page alone', () => {
    fc.assert(
      fc.property(fc.constantFrom(...sessionState.options), events, (state, event) => {
        if (transition(state, event)?.to !== 'Connected') return;
        expect(event).toMatchObject({ kind: 'page', view: 'usable' });
      }),
    );
  });
});
