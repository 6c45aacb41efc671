import type { Message } from './shapes.ts';

const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** @param t seconds since the epoch, as messages count */
export const timeOf = (t: number): string => time.format(t * 1000);
export const dayOf = (t: number): string => day.format(t * 1000);
/** @param ms milliseconds since the epoch */
export const clockOf = (ms: number): string => clock.format(ms);
export const momentOf = (ms: number): string => moment.format(ms);

/** What the ticks of a message say. */
export function ackWords(ack: Message['ack']): string {
  switch (ack) {
    case -1:
      return 'refused';
    case 0:
      return 'waiting for the server';
    case 1:
      return 'sent';
    case 2:
      return 'delivered';
    case 3:
      return 'read';
    case 4:
      return 'played';
  }
}

/** A size as people read it. @param bytes at least 0 */
export function sizeWords(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB'];
  const step = bytes < 1 ? 0 : Math.min(Math.floor(Math.log(bytes) / Math.log(1000)), units.length - 1);
  const value = bytes / 1000 ** step;
  return `${step === 0 || value >= 10 ? Math.round(value) : value.toFixed(1)} ${units[step]}`;
}

/** One line for lists, replies and screen readers. */
export function summaryOf({ content, revoked }: Pick<Message, 'content' | 'revoked'>): string {
  if (revoked === true) return 'This message was deleted';
  switch (content.kind) {
    case 'text':
      return content.body;
    case 'media':
      return [mediaWords[content.media.kind], content.media.caption ?? content.media.filename ?? '']
        .filter((part) => part !== '')
        .join(': ');
    case 'location':
      return ['Location', content.description ?? ''].filter((part) => part !== '').join(': ');
    case 'contacts':
      return `Contact: ${content.cards.map(({ name }) => name).join(', ')}`;
    case 'poll':
      return `Poll: ${content.name}`;
  }
}

const mediaWords = {
  image: 'Photo',
  video: 'Video',
  audio: 'Audio',
  ptt: 'Voice message',
  document: 'Document',
  sticker: 'Sticker',
} as const;

/** `drop-socket` as a person says it. */
export const faultTitle = (kind: string): string =>
  kind.charAt(0).toUpperCase() + kind.slice(1).replaceAll('-', ' ');
