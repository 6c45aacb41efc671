import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import library from 'whatsapp-web.js';
import type { OutboundContent, RefusalCode } from '../engine.ts';

/** Content that is proven not to be sendable, before anything was handed over. */
export class RefusedContent extends Error {
  readonly code: RefusalCode;

  constructor(code: RefusalCode, detail: string) {
    super(detail);
    this.name = 'RefusedContent';
    this.code = code;
  }
}

/** What the library's `sendMessage` takes. */
export interface LibraryMessage {
  readonly content: string | library.MessageMedia | library.Location | library.Poll;
  readonly options: library.MessageSendOptions;
  /** Fields of the message itself. */
  readonly extra?: object;
  /** A file that the browser is to open itself; the content then carries none. */
  readonly file: { readonly path: string; readonly filename: string; readonly mimetype: string } | undefined;
}

type Sendable = Exclude<OutboundContent, { type: 'reaction' }>;

/** Turns content into what the library takes. Throws RefusedContent for files and cards that cannot be sent. */
export async function toLibrary(content: Sendable, id: string): Promise<LibraryMessage> {
  switch (content.type) {
    case 'text':
      return {
        content: content.body,
        options: { linkPreview: content.linkPreview, parseVCards: false },
        file: undefined,
      };
    case 'location':
      return {
        content: new library.Location(content.latitude, content.longitude, {
          ...(content.name === undefined ? {} : { name: content.name }),
          ...(content.address === undefined ? {} : { address: content.address }),
        }),
        options: {},
        file: undefined,
      };
    case 'poll':
      return {
        content: new library.Poll(content.question, [...content.options], {
          allowMultipleAnswers: content.multiple,
          messageSecret: undefined,
        }),
        options: {},
        file: undefined,
      };
    case 'contacts':
      return toCards(content.vcards);
    default:
      return toMedia(content, id);
  }
}

function toCards(vcards: readonly string[]): LibraryMessage {
  const [first, ...more] = vcards;
  if (first === undefined) throw new RefusedContent('unsupported_content', 'there is no contact in it');
  for (const card of vcards) {
    // The library sends what it cannot read as a card as plain text.
    if (!/^BEGIN:VCARD\r?\n[\s\S]*\nEND:VCARD\s*$/.test(card)) {
      throw new RefusedContent('unsupported_content', 'a contact is no vCard');
    }
  }
  if (more.length === 0)
    return { content: first, options: { parseVCards: true, linkPreview: false }, file: undefined };
  const list = vcards.map((vcard) => ({ displayName: nameOf(vcard), vcard }));
  return {
    content: '',
    options: { linkPreview: false },
    extra: { type: 'multi_vcard', vcardList: list, body: null },
    file: undefined,
  };
}

const nameOf = (vcard: string): string => /^FN[^:\r\n]*:(.*)$/m.exec(vcard)?.[1]?.trim() ?? '';

type Media = Extract<Sendable, { readonly path: string }>;

async function toMedia(content: Media, id: string): Promise<LibraryMessage> {
  if (content.type === 'sticker' && !content.mimetype.startsWith('image/')) {
    throw new RefusedContent('unsupported_content', 'a sticker must be made from an image');
  }
  const filename = content.filename ?? basename(content.path);
  const { size } = await stat(content.path).catch((error: unknown) => {
    throw new RefusedContent('invalid_media', `the file cannot be read: ${String(error)}`);
  });
  if (size === 0) throw new RefusedContent('invalid_media', 'the file is empty');
  // The library makes stickers in this thread; they are small. Everything else the browser reads from the disk.
  const inline = content.type === 'sticker';
  const data = inline ? await readFile(content.path, { encoding: 'base64' }) : `staged:${id}`;
  return {
    content: new library.MessageMedia(content.mimetype, data, filename, size),
    options: {
      ...(content.caption === undefined ? {} : { caption: content.caption }),
      ...(content.type === 'voice' ? { sendAudioAsVoice: true } : {}),
      ...(content.type === 'document' ? { sendMediaAsDocument: true } : {}),
      ...(inline ? { sendMediaAsSticker: true } : {}),
    },
    file: inline ? undefined : { path: content.path, filename, mimetype: content.mimetype },
  };
}
