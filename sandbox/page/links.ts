/** A web address within a text. */
export interface Link {
  readonly href: string;
  readonly suspiciousCharacters: ReadonlySet<string>;
}

const LINK = /\bhttps?:\/\/[^\s<>"]+/g;

/** Every address in a text, in order. */
export function findLinks(text: string | undefined): readonly Link[] {
  return [...(text ?? '').matchAll(LINK)].map(([href]) => ({ href, suspiciousCharacters: new Set() }));
}

/** The first address in a text. */
export const findLink = (text: string | undefined): Link | undefined => findLinks(text)[0];
