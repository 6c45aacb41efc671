import type { ContentType } from '@whatsapp-operator/api/session';
import type { StagedMedia } from '../../media/media.ts';
import { ProblemError } from '../problem-error.ts';

/** What the bytes of a file must be for WhatsApp to show it as what it is sent as. */
const EXPECTED: Partial<Record<ContentType, readonly string[]>> = {
  image: ['image/'],
  sticker: ['image/'],
  video: ['video/'],
  audio: ['audio/', 'video/mp4', 'video/webm'],
  voice: ['audio/', 'video/webm'],
};

/**
 * Refuses a file that its bytes show to be something else; what the bytes do not tell is believed.
 *
 * @throws ProblemError `media_refused`
 */
export function checkMedia(type: ContentType, { sniffed, mimetype }: StagedMedia): void {
  const expected = EXPECTED[type];
  if (expected === undefined || expected.some((prefix) => (sniffed ?? mimetype).startsWith(prefix))) return;
  throw new ProblemError(
    'media_refused',
    `the file is ${sniffed ?? mimetype}, which cannot be sent as ${type}; send it as document`,
  );
}
