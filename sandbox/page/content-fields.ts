import type { Content, MediaKind } from '../src/wire.ts';

/** The fields of a message model that depend on what it holds, as whatsapp-web.js knows them. */
export type ContentFields = Readonly<Record<string, unknown>> & { readonly type: string };

const MEDIA_KINDS: readonly MediaKind[] = ['image', 'video', 'audio', 'ptt', 'document', 'sticker'];

const isMediaKind = (type: unknown): type is MediaKind => (MEDIA_KINDS as readonly unknown[]).includes(type);

/** From the wire to the model. */
export function toFields(content: Content): ContentFields {
  switch (content.kind) {
    case 'text':
      return { type: 'chat', body: content.body };
    case 'media': {
      const { kind, ...media } = content.media;
      return { type: kind, body: '', ...media };
    }
    case 'location':
      return {
        type: 'location',
        body: '',
        lat: content.latitude,
        lng: content.longitude,
        loc: content.description,
        clientUrl: content.url,
      };
    case 'contacts': {
      const [first] = content.cards;
      return content.cards.length === 1 && first !== undefined
        ? { type: 'vcard', body: first.vcard, vcardFormattedName: first.name }
        : {
            type: 'multi_vcard',
            body: '',
            vcardList: content.cards.map(({ name, vcard }) => ({ displayName: name, vcard })),
          };
    }
    case 'poll':
      return {
        type: 'poll_creation',
        body: '',
        pollName: content.name,
        pollOptions: content.options.map((name, localId) => ({ name, localId })),
        pollSelectableOptionsCount: content.selectable,
      };
  }
}

interface NamedCard {
  readonly displayName?: string;
  readonly vcard: string;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const optionalText = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** From what whatsapp-web.js hands to the page to the wire. Types that it can make and we cannot carry throw. */
export function toContent(fields: Readonly<Record<string, unknown>>): Content {
  const { type } = fields;
  if (isMediaKind(type)) {
    return {
      kind: 'media',
      media: {
        kind: type,
        mimetype: text(fields['mimetype']),
        size: Number(fields['size']),
        filehash: text(fields['filehash']),
        directPath: text(fields['directPath']),
        mediaKey: text(fields['mediaKey']),
        filename: optionalText(fields['filename']),
        caption: optionalText(fields['caption']),
      },
    };
  }
  switch (type) {
    case 'chat':
      return { kind: 'text', body: text(fields['body']) };
    case 'location':
      return {
        kind: 'location',
        latitude: Number(fields['lat']),
        longitude: Number(fields['lng']),
        description: optionalText(fields['loc']),
        url: optionalText(fields['clientUrl']),
      };
    case 'vcard':
      return {
        kind: 'contacts',
        cards: [{ name: text(fields['vcardFormattedName']), vcard: text(fields['body']) }],
      };
    case 'multi_vcard':
      return {
        kind: 'contacts',
        cards: (fields['vcardList'] as readonly NamedCard[]).map(({ displayName, vcard }) => ({
          name: displayName ?? '',
          vcard,
        })),
      };
    case 'poll_creation':
      return {
        kind: 'poll',
        name: text(fields['pollName']),
        options: (fields['pollOptions'] as readonly { readonly name: string }[]).map(({ name }) => name),
        selectable: Number(fields['pollSelectableOptionsCount']),
      };
    default:
      throw new Error(`the simulated page cannot send a message of type "${type}"`);
  }
}
