/** Which part of the sandbox was written. */
export type Mark =
  | { readonly kind: 'account'; readonly number: string }
  | { readonly kind: 'links' }
  | { readonly kind: 'faults' }
  | { readonly kind: 'chat'; readonly account: string; readonly jid: string }
  | { readonly kind: 'group'; readonly jid: string }
  | { readonly kind: 'message'; readonly account: string; readonly chat: string; readonly id: string }
  | { readonly kind: 'ledger' };

/** Told of every write, possibly within a transaction that fails later: only says where to look again. */
export type OnMark = (mark: Mark) => void;

/** For a part that nobody watches. */
export const unwatched: OnMark = () => {};
