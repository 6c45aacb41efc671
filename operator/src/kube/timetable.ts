/**
 * Which key is due when: at most one time per key. A binary heap with a place for each key, so that a time can be
 * moved or taken back in logarithmic time.
 */
export class Timetable<K> {
  readonly #heap: { readonly key: K; readonly at: number }[] = [];
  readonly #places = new Map<K, number>();

  get size(): number {
    return this.#heap.length;
  }

  /** Earliest time, or undefined for an empty table. */
  get next(): number | undefined {
    return this.#heap[0]?.at;
  }

  has(key: K): boolean {
    return this.#places.has(key);
  }

  /** Sets the key's time, unless it has an earlier one. True if the table changed. */
  setEarliest(key: K, at: number): boolean {
    const place = this.#places.get(key);
    if (place === undefined) {
      this.#heap.push({ key, at });
      this.#rise(this.#heap.length - 1);
      return true;
    }
    const known = this.#heap[place];
    if (known === undefined || known.at <= at) return false;
    this.#heap[place] = { key, at };
    this.#rise(place);
    return true;
  }

  delete(key: K): void {
    const place = this.#places.get(key);
    if (place === undefined) return;
    this.#places.delete(key);
    const last = this.#heap.pop();
    if (last === undefined || place === this.#heap.length) return;
    this.#heap[place] = last;
    this.#sink(this.#rise(place));
  }

  /** Removes and returns a key that is due at `now`. */
  takeDue(now: number): K | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.at > now) return undefined;
    this.delete(first.key);
    return first.key;
  }

  clear(): void {
    this.#heap.length = 0;
    this.#places.clear();
  }

  /** Moves the entry up to where it belongs; returns its new place. */
  #rise(from: number): number {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (this.#at(parent) <= this.#at(place)) break;
      this.#swap(parent, place);
      place = parent;
    }
    this.#note(place);
    return place;
  }

  #sink(from: number): void {
    let place = from;
    for (;;) {
      const left = 2 * place + 1;
      const child = this.#at(left + 1) < this.#at(left) ? left + 1 : left;
      if (this.#at(child) >= this.#at(place)) break;
      this.#swap(child, place);
      place = child;
    }
    this.#note(place);
  }

  #at(place: number): number {
    return this.#heap[place]?.at ?? Number.POSITIVE_INFINITY;
  }

  #swap(a: number, b: number): void {
    const first = this.#heap[a];
    const second = this.#heap[b];
    if (first === undefined || second === undefined) return;
    this.#heap[a] = second;
    this.#heap[b] = first;
    this.#note(a);
    this.#note(b);
  }

  #note(place: number): void {
    const entry = this.#heap[place];
    if (entry !== undefined) this.#places.set(entry.key, place);
  }
}
