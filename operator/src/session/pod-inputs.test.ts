import { expect, test } from 'vitest';
import { needsReplacement, type PodInputs, podInputs } from './pod-inputs.ts';
import { sessionOf } from './testing/factories.ts';

const made = (fields: object = {}): PodInputs => podInputs(sessionOf(fields), 'session:1');
const restart = { annotations: { 'whatsapp-operator.io/restart-at': '2026-11-24' } };
const { browser: _browser, ...olderOperator } = made();

const rows: readonly (readonly [
  string,
  PodInputs | undefined,
  ReturnType<typeof sessionOf>,
  RegExp | undefined,
])[] = [
  ['nothing changed', made(), sessionOf(), undefined],
  [
    'a field of the template changed',
    made(),
    sessionOf({ sending: { maxAttempts: 3 } }),
    /^spec\.sending\.maxAttempts changed$/,
  ],
  [
    'a field of the template was taken away',
    made({ podTemplate: { nodeSelector: { a: 'b' } } }),
    sessionOf(),
    /^spec\.podTemplate changed$/,
  ],
  ['a part of the template that is empty appeared', made(), sessionOf({ podTemplate: {} }), undefined],
  [
    'the only field of a part was taken away',
    made({ podTemplate: { nodeSelector: { a: 'b' } } }),
    sessionOf({ podTemplate: { nodeSelector: {} } }),
    /^spec\.podTemplate\.nodeSelector\.a changed$/,
  ],
  [
    'what the pod does not depend on changed',
    made(),
    sessionOf({ restarts: { limit: 1 }, storage: { size: '2Gi' } }),
    undefined,
  ],
  ['an image was named', made(), sessionOf({ image: 'mine:1' }), /spec\.image/],
  ['the image that runs anyway was named', made(), sessionOf({ image: 'session:1' }), undefined],
  ['the named image is named no more', made({ image: 'mine:1' }), sessionOf(), /spec\.image/],
  ['a restart is asked for', made(), sessionOf({}, restart), /restart was asked for/],
  ['the restart was done', podInputs(sessionOf({}, restart), 'session:1'), sessionOf({}, restart), undefined],
  ['the annotation was taken away', podInputs(sessionOf({}, restart), 'session:1'), sessionOf(), undefined],
  [
    'an older operator knew less, and the rest is by default',
    olderOperator as PodInputs,
    sessionOf(),
    undefined,
  ],
  [
    'an older operator knew less, and the rest is not by default',
    olderOperator as PodInputs,
    sessionOf({ browser: { flavor: 'Chromium' } }),
    /spec\.browser changed/,
  ],
  ['nobody can tell what it was made from', undefined, sessionOf(), /cannot be read/],
];
test.each(rows)('%s', (_name, recorded, session, why) => {
  const replacement = needsReplacement(recorded, session);
  if (why === undefined) expect(replacement).toBeUndefined();
  else expect(replacement?.message).toMatch(why);
});
