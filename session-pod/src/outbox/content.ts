import type { ContactCard, MediaSource, MessageContent, SendRequest } from '@whatsapp-operator/api/session';
import type { OutboundContent } from '../engine/engine.ts';
import type { StagedMedia } from '../media/media.ts';
import type { StoredContent } from './message.ts';

/** From what a request says, over what is stored, to what the engine is given. Pure. */

/**
 * Content as it is stored.
 *
 * @param staged the file, once it lies on the volume; needed exactly when the content has one
 */
export function acceptableContent(content: MessageContent, staged: StagedMedia | undefined): StoredContent {
  switch (content.type) {
    case 'text':
      return { type: 'text', body: content.text, linkPreview: content.linkPreview };
    case 'location':
      return {
        type: 'location',
        latitude: content.latitude,
        longitude: content.longitude,
        name: content.name,
        address: content.address,
      };
    case 'contacts':
      return { type: 'contacts', vcards: content.contacts.map(toVcard) };
    case 'poll':
      return {
        type: 'poll',
        question: content.question,
        options: content.options,
        multiple: content.multiple,
      };
    case 'reaction':
      return { type: 'reaction', messageId: content.messageId, emoji: content.emoji };
    default: {
      if (staged === undefined) throw new TypeError(`${content.type} without its file`);
      return {
        type: content.type,
        digest: staged.digest,
        mimetype: staged.mimetype,
        filename: content.filename ?? staged.filename,
        caption: 'caption' in content ? content.caption : undefined,
      };
    }
  }
}

/** What the engine is given: files by their path. */
export function toOutbound(content: StoredContent, pathOf: (digest: string) => string): OutboundContent {
  if (!('digest' in content)) return content;
  const { digest, ...rest } = content;
  return { ...rest, path: pathOf(digest) };
}

/** The file that a message needs; undefined when it needs none. */
export const mediaDigest = (content: StoredContent): string | undefined =>
  'digest' in content ? content.digest : undefined;

/** The request as its digest sees it: a file that came along is named by its bytes, not by how it came. */
export function digestibleRequest(request: SendRequest, staged: StagedMedia | undefined): unknown {
  if (!('media' in request.content) || 'url' in request.content.media) return request;
  if (staged === undefined) throw new TypeError('a request with a file, without the file');
  return { ...request, content: { ...request.content, media: { sha256: staged.digest } } };
}

/** True when the digest of a request can only be told once its file is staged. */
export const needsFileForDigest = (source: MediaSource): boolean => !('url' in source);

/** Escapes a value as RFC 2426 asks for. */
const escapeVcard = (value: string): string =>
  value.replaceAll(/[\\,;]/g, (special) => `\\${special}`).replaceAll(/\r\n|\r|\n/g, '\\n');

function toVcard(contact: ContactCard): string {
  if ('vcard' in contact) return contact.vcard;
  const name = escapeVcard(contact.name);
  const digits = contact.phoneNumber.replaceAll(/\D/g, '');
  return [
    'BEGIN:VCARD',
    'VERSION:3.0',
    `N:;${name};;;`,
    `FN:${name}`,
    ...(contact.organization === undefined ? [] : [`ORG:${escapeVcard(contact.organization)};`]),
    // The parameter makes WhatsApp offer to write to the number.
    `TEL;type=CELL;type=VOICE;waid=${digits}:+${digits}`,
    'END:VCARD',
  ].join('\n');
}
