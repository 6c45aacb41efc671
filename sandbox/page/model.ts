import { Emitter } from './emitter.ts';

/** Turns a value into plain JSON, as it crosses from the page to whatsapp-web.js. */
const plain = (value: unknown): unknown =>
  value === undefined ? undefined : JSON.parse(JSON.stringify(value));

/**
 * An object with fields that tells of changes: `change:<field>` with (model, value, previous), then `change`.
 * Its collections pass the events on, which is where whatsapp-web.js listens.
 */
export class Model<F extends object> extends Emitter {
  readonly #fields = new Set<string>();
  readonly #parents = new Set<Emitter>();

  constructor(fields: F) {
    super();
    this.#assign(fields);
  }

  /** Changes fields; says nothing when all are as before. */
  set(patch: Partial<F>): void {
    const before = this as unknown as Record<string, unknown>;
    const changes = Object.entries(patch)
      .filter(([name, value]) => before[name] !== value)
      .map(([name, value]) => ({ name, value, previous: before[name] }));
    this.#assign(patch);
    for (const { name, value, previous } of changes) this.trigger(`change:${name}`, this, value, previous);
    if (changes.length > 0) this.trigger('change', this);
  }

  override trigger(name: string, ...told: unknown[]): void {
    super.trigger(name, ...told);
    for (const parent of this.#parents) parent.trigger(name, ...told);
  }

  join(parent: Emitter): void {
    this.#parents.add(parent);
  }

  leave(parent: Emitter): void {
    this.#parents.delete(parent);
  }

  /** The fields as plain JSON. */
  serialize(): Record<string, unknown> {
    const values = this as unknown as Record<string, unknown>;
    return Object.fromEntries(
      [...this.#fields].map((name) => [name, plain(values[name])]).filter(([, value]) => value !== undefined),
    );
  }

  toJSON(): Record<string, unknown> {
    return this.serialize();
  }

  #assign(fields: Partial<F>): void {
    for (const name of Object.keys(fields)) this.#fields.add(name);
    Object.assign(this, fields);
  }
}

/** Models by key, in the order in which they were added. Tells of `add` and `remove`, and of its models' events. */
export class Collection<M extends Model<object>> extends Emitter {
  readonly #models = new Map<string, M>();
  readonly #keyOf: (model: M) => string;

  constructor(keyOf: (model: M) => string) {
    super();
    this.#keyOf = keyOf;
  }

  get length(): number {
    return this.#models.size;
  }

  /** By its key, or by anything that says it when turned into text (a Wid, a message key). */
  get(key: unknown): M | undefined {
    return key === undefined || key === null ? undefined : this.#models.get(String(key));
  }

  getModelsArray(): M[] {
    return [...this.#models.values()];
  }

  filter(accepts: (model: M) => boolean): M[] {
    return this.getModelsArray().filter(accepts);
  }

  add(model: M): M {
    const known = this.#models.get(this.#keyOf(model));
    if (known !== undefined) return known;
    this.#models.set(this.#keyOf(model), model);
    model.join(this);
    this.trigger('add', model);
    return model;
  }

  /** Puts models in front, silently: older messages that were loaded later. */
  prepend(models: readonly M[]): void {
    const later = this.getModelsArray();
    this.#models.clear();
    for (const model of [...models, ...later]) {
      this.#models.set(this.#keyOf(model), model);
      model.join(this);
    }
  }

  remove(model: M): void {
    if (!this.#models.delete(this.#keyOf(model))) return;
    this.trigger('remove', model);
    model.leave(this);
  }

  serialize(): Record<string, unknown>[] {
    return this.getModelsArray().map((model) => model.serialize());
  }
}
