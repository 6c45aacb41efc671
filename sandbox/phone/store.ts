import { useEffect, useState } from 'preact/hooks';
import { type Action, INITIAL, reduce, type State } from './state.ts';

/** The page's one state. Listeners are told once per frame, however many changes come. */
class Store {
  #state = INITIAL;
  #told = false;
  readonly #listeners = new Set<() => void>();

  get state(): State {
    return this.#state;
  }

  dispatch(action: Action): void {
    this.#state = reduce(this.#state, action);
    if (this.#told) return;
    this.#told = true;
    // Not requestAnimationFrame: a page in the background gets none, and its title has to be right.
    setTimeout(() => {
      this.#told = false;
      for (const listener of this.#listeners) listener();
    }, 16);
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

export const store = new Store();

/** The state, again after every change. */
export function useStore(): State {
  const [state, setState] = useState(store.state);
  useEffect(() => {
    setState(store.state);
    return store.listen(() => setState(store.state));
  }, []);
  return state;
}
