import { describe, expect, it } from 'vitest';
import { podInputs } from '../pod-inputs.ts';
import { sessionOf } from '../testing/factories.ts';
import { podEnvironment } from './pod-environment.ts';

const given = (
  own: readonly { readonly name: string; readonly value: string }[],
  ofEverySession: readonly { readonly name: string; readonly value: string }[],
) => {
  const session = sessionOf({ podTemplate: { env: own } });
  const list = podEnvironment(session, podInputs(session, 'image'), ofEverySession);
  return { list, of: (name: string) => list.filter((variable) => variable.name === name) };
};

describe('variables that the operator gives to every session', () => {
  it('reach its container', () => {
    const { of } = given([], [{ name: 'TZ', value: 'Europe/Berlin' }]);
    expect(of('TZ')).toEqual([{ name: 'TZ', value: 'Europe/Berlin' }]);
  });

  it("yield to those of the session's own template", () => {
    const { of } = given([{ name: 'TZ', value: 'UTC' }], [{ name: 'TZ', value: 'Europe/Berlin' }]);
    expect(of('TZ')).toEqual([{ name: 'TZ', value: 'UTC' }]);
  });

  it('cannot take the place of what the spec decides', () => {
    const { of } = given([], [{ name: 'DATA_DIR', value: '/elsewhere' }]);
    expect(of('DATA_DIR')).toEqual([{ name: 'DATA_DIR', value: '/data' }]);
  });
});
