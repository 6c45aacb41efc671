import type { Touched } from '../src/wire.ts';

type AnyObject = Record<PropertyKey, unknown>;

/** Members of modules that are worth looking into: what the library does with them is noted one level deeper. */
const LOOK_INTO = new Set([
  'Socket',
  'Conn',
  'Cmd',
  'Stream',
  'Msg',
  'Chat',
  'Contact',
  'GroupMetadata',
  'Reactions',
  'Blocklist',
  'BusinessProfile',
  'ProfilePicThumb',
  'Label',
  'Status',
  'waSignalStore',
  'waNoiseInfo',
  'OfflineMessageHandler',
  'downloadManager',
  'InMemoryMediaBlobCache',
  'reactionTableMode',
  'pollVoteTableMode',
]);

/**
 * Hands out the page's modules as `window.require` does, and notes which of their properties are read, written
 * or called. A property that is not there is noted with a leading "?": the library would like to have it.
 */
export class Recorder {
  readonly #modules: Readonly<Record<string, object>>;
  readonly #isMissing: (name: string) => boolean;
  readonly #proxies = new Map<string, object>();
  readonly #inner = new WeakMap<object, object>();
  readonly #touched = new Map<string, Set<string>>();
  #fresh = new Map<string, Set<string>>();

  constructor(modules: Readonly<Record<string, object>>, isMissing: (name: string) => boolean) {
    this.#modules = modules;
    this.#isMissing = isMissing;
  }

  readonly require = (name: string): object => {
    const module = this.#isMissing(name) ? undefined : this.#modules[name];
    if (module === undefined) {
      this.#note(`?${name}`, '');
      throw new Error(`Requiring unknown module "${name}"`);
    }
    const proxy = this.#proxies.get(name) ?? this.#wrapModule(name, module);
    this.#proxies.set(name, proxy);
    return proxy;
  };

  /** What was touched since the last call; null when nothing was. */
  takeFresh(): Touched | null {
    if (this.#fresh.size === 0) return null;
    const taken = Object.fromEntries([...this.#fresh].map(([name, properties]) => [name, [...properties]]));
    this.#fresh = new Map();
    return taken;
  }

  #note(module: string, property: string): void {
    const known = this.#touched.get(module) ?? new Set<string>();
    if (known.has(property)) return;
    this.#touched.set(module, known.add(property));
    this.#fresh.set(module, (this.#fresh.get(module) ?? new Set<string>()).add(property));
  }

  #noteRead(module: string, path: string, target: object, property: PropertyKey): void {
    // What `await` and `instanceof` look up by themselves says nothing about the library.
    if (typeof property === 'symbol' || property === 'then' || property === 'prototype') return;
    this.#note(module, `${property in target ? '' : '?'}${path}${property}`);
  }

  #wrapModule(name: string, module: object): object {
    return new Proxy(module, {
      get: (target, property) => {
        this.#noteRead(name, '', target, property);
        const value: unknown = Reflect.get(target, property);
        const inside = typeof property === 'string' && LOOK_INTO.has(property);
        return inside && typeof value === 'object' && value !== null
          ? this.#wrapInner(name, property, value)
          : value;
      },
      set: (target, property, value) => {
        this.#noteRead(name, '', target, property);
        return Reflect.set(target, property, value);
      },
      apply: (target, self, args) => {
        this.#note(name, '()');
        return Reflect.apply(target as () => unknown, self, args);
      },
      construct: (target, args) => {
        this.#note(name, 'new');
        return Reflect.construct(target as new () => object, args);
      },
    });
  }

  /** Methods are bound to the object itself: its private fields do not exist on a proxy. */
  #wrapInner(module: string, member: string, object: object): object {
    const known = this.#inner.get(object);
    if (known !== undefined) return known;
    const proxy = new Proxy(object, {
      get: (target, property) => {
        this.#noteRead(module, `${member}.`, target, property);
        const value: unknown = Reflect.get(target, property, target);
        const isMethod = typeof value === 'function' && property !== 'modelClass';
        return isMethod ? (value as (...args: unknown[]) => unknown).bind(target) : value;
      },
      set: (target, property, value) => {
        this.#noteRead(module, `${member}.`, target, property);
        (target as AnyObject)[property] = value;
        return true;
      },
    });
    this.#inner.set(object, proxy);
    return proxy;
  }
}
