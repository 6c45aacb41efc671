import type { LinkKeys } from '../wire.ts';

/** What an unlinked page shows: its keys, and the refs that it was given, newest last. */
export interface LinkOffer {
  readonly keys: LinkKeys;
  /** The ref that is valid now, or null when all have run out. */
  readonly ref: string | null;
}

/** The text of the QR code for an offer, as whatsapp-web.js composes it; null when no ref is valid. */
export function qrText(offer: LinkOffer): string | null {
  if (offer.ref === null) return null;
  const { staticKey, identityKey, advSecret, platform } = offer.keys;
  return [offer.ref, staticKey, identityKey, advSecret, platform].join(',');
}

export type Scan =
  /** The code has not five parts. */
  | { readonly kind: 'malformed' }
  /** No page shows this ref now: it was rotated away, or the page is gone. */
  | { readonly kind: 'expired' }
  /** The ref is right and the keys are not those of the page: a phone would refuse. */
  | { readonly kind: 'keys-differ' }
  | { readonly kind: 'match'; readonly index: number };

/** Finds the page whose QR code was scanned. */
export function matchScan(qr: string, offers: readonly LinkOffer[]): Scan {
  const [ref, staticKey, identityKey, advSecret, ...rest] = qr.split(',');
  if (!ref || !staticKey || !identityKey || !advSecret || rest.length !== 1) return { kind: 'malformed' };
  const index = offers.findIndex((offer) => offer.ref === ref);
  const offer = offers[index];
  if (offer === undefined) return { kind: 'expired' };
  return qrText(offer) === qr ? { kind: 'match', index } : { kind: 'keys-differ' };
}
