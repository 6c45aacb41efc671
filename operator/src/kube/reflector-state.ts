import type { KubeObject, Live } from './objects.ts';

/** How far the copy of a kind's objects has come. Only {@link nextState} makes one out of another. */
export type ReflectorState<T extends KubeObject> =
  /** Nothing to go on from: list from the beginning. What the store holds stays in use until then. */
  | { readonly kind: 'Empty' }
  /** Pages are coming in; the store does not change before the last one. */
  | { readonly kind: 'InitPage'; readonly continueToken: string; readonly objects: readonly Live<T>[] }
  /** The list is complete and goes into the store now; a watch follows from its version. */
  | { readonly kind: 'InitListed'; readonly resourceVersion: string; readonly objects: readonly Live<T>[] }
  /** The store is complete up to this version; a watch is running or to be opened from there. */
  | { readonly kind: 'Watching'; readonly resourceVersion: string; readonly fruitless: number };

export type ReflectorInput<T extends KubeObject> =
  | {
      readonly kind: 'page';
      readonly objects: readonly Live<T>[];
      readonly resourceVersion: string;
      readonly continueToken: string | undefined;
    }
  /** The complete list is in the store. */
  | { readonly kind: 'stored' }
  /** The watch has told everything up to this version. */
  | { readonly kind: 'progress'; readonly resourceVersion: string }
  /** 410: the version or the token that the state would go on from is no longer known. */
  | { readonly kind: 'expired' }
  /**
   * The server refused to go on, or what it sent was no watch, or it sent nothing at all. A server that cannot be reached, is overloaded or
   * breaks a connection is no input: nothing is known to be wrong with the state.
   */
  | { readonly kind: 'broken' };

/** Times that a watch from one and the same version may break before the version is doubted and all is listed again. */
export const fruitlessLimit = 5;

/** The state that follows. An input that does not belong to the state is a mistake of the program: it throws. */
export function nextState<T extends KubeObject>(
  state: ReflectorState<T>,
  input: ReflectorInput<T>,
): ReflectorState<T> {
  if (input.kind === 'expired') return { kind: 'Empty' };
  switch (state.kind) {
    case 'Empty':
    case 'InitPage':
      return afterList(state, input);
    case 'InitListed':
      if (input.kind !== 'stored') throw unexpected(state, input);
      return { kind: 'Watching', resourceVersion: state.resourceVersion, fruitless: 0 };
    case 'Watching':
      return afterWatch(state, input);
  }
}

function afterList<T extends KubeObject>(
  state: Extract<ReflectorState<T>, { kind: 'Empty' | 'InitPage' }>,
  input: ReflectorInput<T>,
): ReflectorState<T> {
  if (input.kind === 'broken') return { kind: 'Empty' };
  if (input.kind !== 'page') throw unexpected(state, input);
  const objects = state.kind === 'Empty' ? input.objects : [...state.objects, ...input.objects];
  return input.continueToken === undefined
    ? { kind: 'InitListed', resourceVersion: input.resourceVersion, objects }
    : { kind: 'InitPage', continueToken: input.continueToken, objects };
}

function afterWatch<T extends KubeObject>(
  state: Extract<ReflectorState<T>, { kind: 'Watching' }>,
  input: ReflectorInput<T>,
): ReflectorState<T> {
  switch (input.kind) {
    case 'progress':
      return { kind: 'Watching', resourceVersion: input.resourceVersion, fruitless: 0 };
    case 'broken':
      return state.fruitless + 1 >= fruitlessLimit
        ? { kind: 'Empty' }
        : { ...state, fruitless: state.fruitless + 1 };
    default:
      throw unexpected(state, input);
  }
}

const unexpected = (state: { readonly kind: string }, input: { readonly kind: string }): Error =>
  new Error(`reflector: ${input.kind} in state ${state.kind}`);
