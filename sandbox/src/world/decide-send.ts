/** What the server knows when a message arrives from a page. */
export interface SendContext {
  /** A message with this id is already in this chat. */
  readonly known: boolean;
  /** Whether the server drops a repeated id (what the real one does is an assumption). */
  readonly deduplicate: boolean;
  readonly recipient: 'person' | 'group-member' | 'not-registered' | 'not-a-member' | 'unknown-group';
  /** A fault refuses this message with this code. */
  readonly refusedBy: string | null;
}

export type SendDecision =
  | { readonly kind: 'accept' }
  /** The same id again: acknowledged once more, delivered no second time. */
  | { readonly kind: 'deduplicate' }
  /** The same id again and deduplication is off: the recipient gets a second copy. */
  | { readonly kind: 'deliver-again' }
  | { readonly kind: 'refuse'; readonly code: string };

/** What becomes of a message that a page sent. A repeated id is judged first: its first copy was accepted. */
export function decideSend(context: SendContext): SendDecision {
  if (context.known) return { kind: context.deduplicate ? 'deduplicate' : 'deliver-again' };
  if (context.refusedBy !== null) return { kind: 'refuse', code: context.refusedBy };
  switch (context.recipient) {
    case 'person':
    case 'group-member':
      return { kind: 'accept' };
    case 'not-registered':
      return { kind: 'refuse', code: '404' };
    case 'not-a-member':
      return { kind: 'refuse', code: '403' };
    case 'unknown-group':
      return { kind: 'refuse', code: '404' };
  }
}
