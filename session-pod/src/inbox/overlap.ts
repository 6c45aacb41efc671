/** One message of a page of history, oldest first. */
export interface Entry {
  readonly id: string;
  readonly known: boolean;
  /** From before the time that counts. */
  readonly old: boolean;
}

export type Verdict =
  /** Everything that is new lies behind what is known: it may be written, in this order. */
  | { readonly kind: 'overlaps' }
  | { readonly kind: 'read-more'; readonly limit: number }
  /** So much is unknown that the rest is left: the log says so. */
  | { readonly kind: 'gives-up' };

/** The first page of a chat. Messages. */
export const FIRST_PAGE = 20;
const GROWTH = 4;
/** More than this of one chat is not read back. Messages. */
export const MAX_PAGE = 20_480;
/** So many known messages before the first unknown one are an overlap: a single one could stand out of order. */
const OVERLAP = 10;

/**
 * Whether a page of history reaches back to what the log has. Messages are contiguous in the log, so what lies
 * before an overlap is there.
 */
export function overlap(page: readonly Entry[], complete: boolean, limit: number): Verdict {
  const first = page.findIndex(({ known, old }) => !known && !old);
  if (complete || first === -1 || first >= OVERLAP || page.slice(0, first).some(({ old }) => old)) {
    return { kind: 'overlaps' };
  }
  return limit >= MAX_PAGE ? { kind: 'gives-up' } : { kind: 'read-more', limit: limit * GROWTH };
}
