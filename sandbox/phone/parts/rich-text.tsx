import type { JSX } from 'preact';
import { type Piece, parseText } from '../text.ts';

function show(piece: Piece, index: number): JSX.Element {
  switch (piece.kind) {
    case 'plain':
      return <span key={index}>{piece.text}</span>;
    case 'bold':
      return <strong key={index}>{piece.text}</strong>;
    case 'italic':
      return <em key={index}>{piece.text}</em>;
    case 'strike':
      return <s key={index}>{piece.text}</s>;
    case 'code':
      return <code key={index}>{piece.text}</code>;
    case 'link':
      return (
        <a key={index} href={piece.text} target="_blank" rel="noreferrer noopener">
          {piece.text}
        </a>
      );
  }
}

/** Text as a messenger shows it: *bold*, _italic_, ~struck~, ```code``` and addresses. */
export function RichText({ text }: { readonly text: string }): JSX.Element {
  return (
    <p class="text" dir="auto">
      {parseText(text).map(show)}
    </p>
  );
}
