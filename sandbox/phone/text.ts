/** A stretch of a message's text. */
export interface Piece {
  readonly kind: 'plain' | 'bold' | 'italic' | 'strike' | 'code' | 'link';
  readonly text: string;
}

const MARKED =
  /```(?<code>[\s\S]+?)```|(?<![\p{L}\p{N}])(?:\*(?<bold>\S(?:[^*\n]*\S)?)\*|_(?<italic>\S(?:[^_\n]*\S)?)_|~(?<strike>\S(?:[^~\n]*\S)?)~)(?![\p{L}\p{N}])|(?<link>https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]'])/gu;

const KINDS = ['code', 'bold', 'italic', 'strike', 'link'] as const;

/** Cuts a text into pieces; joined, they are the text without its marks. */
export function parseText(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(MARKED)) {
    if (match.index > end) pieces.push({ kind: 'plain', text: text.slice(end, match.index) });
    const kind = KINDS.find((name) => match.groups?.[name] !== undefined) ?? 'plain';
    pieces.push({ kind, text: match.groups?.[kind] ?? match[0] });
    end = match.index + match[0].length;
  }
  if (end < text.length) pieces.push({ kind: 'plain', text: text.slice(end) });
  return pieces;
}
