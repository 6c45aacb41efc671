import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { KeySource } from '../settings/settings.ts';

/** Shortest key that is accepted, in characters. */
const MIN_LENGTH = 16;
/** Two, so that an old and a new key can be valid while callers change over. */
const MAX_KEYS = 2;
/** How often the key file is looked at, at most. Milliseconds. */
const LOOK_EVERY_MS = 1000;

/** The keys in a text, separated by blanks or newlines, and what is wrong with them. */
export function parseKeys(text: string): {
  readonly keys: readonly string[];
  readonly mistake: string | undefined;
} {
  const keys = text.split(/\s+/).filter((key) => key !== '');
  return { keys, mistake: mistakeIn(keys) };
}

function mistakeIn(keys: readonly string[]): string | undefined {
  if (keys.length === 0) return 'holds no key';
  if (keys.length > MAX_KEYS) return `holds ${keys.length} keys, and ${MAX_KEYS} are allowed`;
  if (keys.some((key) => key.length < MIN_LENGTH))
    return `a key must have at least ${MIN_LENGTH} characters; \`openssl rand -hex 16\` makes a good one`;
  if (keys.some((key) => !/^[\x21-\x7e]+$/.test(key)))
    return 'a key must consist of printable ASCII characters';
  return undefined;
}

const digest = (key: string): Buffer => createHash('sha256').update(key).digest();

/**
 * Says whether a caller's key is right, in a time that does not depend on how much of it is. Keys of a file follow
 * the file; while it is missing or wrong, the last good ones stay valid.
 */
export class ApiKeys {
  readonly #source: KeySource;
  readonly #now: () => number;
  #digests: readonly Buffer[] = [];
  #lookedAt = Number.NEGATIVE_INFINITY;
  #version = '';

  /** @param now milliseconds since any fixed moment */
  constructor(source: KeySource, now: () => number = Date.now) {
    this.#source = source;
    this.#now = now;
    if (source.kind === 'fixed') this.#digests = source.keys.map(digest);
  }

  /** False when everybody may call, which is so on loopback only. */
  get required(): boolean {
    return this.#source.kind !== 'none';
  }

  accepts(key: string | undefined): boolean {
    if (!this.required) return true;
    this.#followFile();
    if (key === undefined) return false;
    const given = digest(key);
    // Every key is compared: neither which nor how many there are shows in the time.
    return this.#digests.map((known) => timingSafeEqual(known, given)).includes(true);
  }

  #followFile(): void {
    if (this.#source.kind !== 'file' || this.#now() - this.#lookedAt < LOOK_EVERY_MS) return;
    this.#lookedAt = this.#now();
    try {
      const { mtimeMs, ino, size } = statSync(this.#source.path);
      const version = `${ino} ${mtimeMs} ${size}`;
      if (version === this.#version) return;
      const { keys, mistake } = parseKeys(readFileSync(this.#source.path, 'utf8'));
      if (mistake !== undefined) return;
      this.#digests = keys.map(digest);
      this.#version = version;
    } catch {
      // A mounted Secret is missing for a moment while the kubelet exchanges it.
    }
  }
}
