/** A listener of an event; what it is told depends on the event. */
export type Listener = (...told: never[]) => void;

interface Registered {
  readonly listener: Listener;
  readonly once: boolean;
}

/** Events by name. Several names may be given at once, separated by spaces, as whatsapp-web.js does. */
export class Emitter {
  readonly #listeners = new Map<string, Registered[]>();

  on(names: string, listener: Listener): this {
    return this.#register(names, { listener, once: false });
  }

  once(names: string, listener: Listener): this {
    return this.#register(names, { listener, once: true });
  }

  off(names: string, listener: Listener): this {
    for (const name of names.split(' ')) {
      const kept = (this.#listeners.get(name) ?? []).filter((registered) => registered.listener !== listener);
      this.#listeners.set(name, kept);
    }
    return this;
  }

  /** Calls every listener of the event in the order of registration; those added meanwhile wait for the next. */
  trigger(name: string, ...told: unknown[]): void {
    for (const registered of [...(this.#listeners.get(name) ?? [])]) {
      if (registered.once) this.off(name, registered.listener);
      (registered.listener as (...anything: unknown[]) => void)(...told);
    }
  }

  #register(names: string, registered: Registered): this {
    for (const name of names.split(' ')) {
      this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), registered]);
    }
    return this;
  }
}
