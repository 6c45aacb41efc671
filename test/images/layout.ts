import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { BASE_KINDS, type Settings } from './settings.ts';

/** The folders and files below the cache folder. Each kind of base has storage and archives of its own. */
export type Layout = {
  /** The cache folder itself. */
  readonly cache: string;
  /** The folders of all kinds of bases, in which everything else but the lock and the scratch space lies. */
  readonly kinds: readonly string[];
  /** File whose kernel lock admits one builder at a time. */
  readonly lock: string;
  /** Scratch space of the builder that holds the lock; emptied by the next one. */
  readonly work: string;
  /** buildah's images and layers. */
  readonly storage: string;
  /** buildah's run state. */
  readonly run: string;
  /** Finished archives and their records. */
  readonly archives: string;
};

/** Where everything lies for the given settings. */
export function layoutOf(settings: Settings): Layout {
  const { cache, bases } = settings;
  return {
    cache,
    kinds: BASE_KINDS.map((kind) => join(cache, kind)),
    lock: join(cache, 'lock'),
    work: join(cache, 'work'),
    storage: join(cache, bases, 'storage'),
    run: join(cache, bases, 'run'),
    archives: join(cache, bases, 'archives'),
  };
}

/**
 * A file name for an image's full name: readable, and distinct even where two names read alike once the
 * characters that a file name cannot have are replaced.
 */
export function fileStem(tag: string): string {
  const readable = tag.replace(/[^A-Za-z0-9._-]+/g, '-');
  const distinct = createHash('sha256').update(tag).digest('hex').slice(0, 8);
  return `${readable}-${distinct}`;
}
