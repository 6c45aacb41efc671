import type { Content } from '../wire.ts';

/** One line that says what a message holds: the text itself, or enough to tell two messages apart. */
export function describeContent(content: Content): string {
  switch (content.kind) {
    case 'text':
      return content.body;
    case 'media':
      return [content.media.kind, content.media.filehash, content.media.caption ?? ''].join(' ').trim();
    case 'location':
      return `location ${content.latitude},${content.longitude}`;
    case 'contacts':
      return `contacts ${content.cards.map(({ name }) => name).join(', ')}`;
    case 'poll':
      return `poll ${content.name}`;
  }
}

/** The content with other words: the text, or the caption of a file. Other kinds have none and stay. */
export function reworded(content: Content, body: string): Content {
  switch (content.kind) {
    case 'text':
      return { ...content, body };
    case 'media':
      return { ...content, media: { ...content.media, caption: body } };
    case 'location':
    case 'contacts':
    case 'poll':
      return content;
  }
}
