import type { JSX } from 'preact';
import { mediaAddress } from '../media.ts';
import type { MediaContent } from '../shapes.ts';
import { sizeWords } from '../wording.ts';
import { Icon } from './icons.tsx';

/** A file in a message: shown, played, or offered for saving. */
export function Media({ media }: { readonly media: MediaContent['media'] }): JSX.Element {
  const address = mediaAddress(media);
  const label = media.caption ?? media.filename;
  switch (media.kind) {
    case 'image':
    case 'sticker':
      return (
        <a class={`picture ${media.kind}`} href={address} target="_blank" rel="noopener">
          <img src={address} alt={label === undefined ? 'Picture without a caption' : label} />
        </a>
      );
    case 'video':
      return (
        // biome-ignore lint/a11y/useMediaCaption: what somebody sends has none
        <video class="picture" src={address} controls preload="metadata" aria-label={label ?? 'Video'} />
      );
    case 'audio':
    case 'ptt':
      return (
        // biome-ignore lint/a11y/useMediaCaption: what somebody sends has none
        <audio src={address} controls preload="metadata" aria-label={label ?? 'Voice message'} />
      );
    case 'document':
      return (
        <a class="document" href={address} download={media.filename ?? 'file'}>
          <Icon name="file" />
          <span>
            <strong>{media.filename ?? 'Document'}</strong>
            <small>
              {sizeWords(media.size)} · {media.mimetype}
            </small>
          </span>
        </a>
      );
  }
}
