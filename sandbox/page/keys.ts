import type { LinkKeys } from '../src/wire.ts';

const encodeB64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

/** The keys of an unlinked page, new at each load. They secure nothing here: the QR code needs some. */
export interface PageKeys {
  readonly noise: Uint8Array;
  readonly identity: Uint8Array;
  readonly advSecret: string;
  readonly platform: string;
}

export function makeKeys(): PageKeys {
  const random = () => crypto.getRandomValues(new Uint8Array(32));
  return { noise: random(), identity: random(), advSecret: encodeB64(random()), platform: '1' };
}

export const toLinkKeys = (keys: PageKeys): LinkKeys => ({
  staticKey: encodeB64(keys.noise),
  identityKey: encodeB64(keys.identity),
  advSecret: keys.advSecret,
  platform: keys.platform,
});

export { encodeB64 };
