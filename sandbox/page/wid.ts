import type { Jid } from '../src/wire.ts';

/** The id of a person, a group or the like. Its own properties are what whatsapp-web.js reads and copies. */
export class Wid {
  readonly server: string;
  readonly user: string;
  readonly _serialized: string;

  constructor(jid: Jid) {
    const at = jid.lastIndexOf('@');
    this.user = jid.slice(0, at).replace(/:\d+$/, '');
    const server = jid.slice(at + 1);
    this.server = server === 's.whatsapp.net' ? 'c.us' : server;
    this._serialized = `${this.user}@${this.server}`;
  }

  isUser(): boolean {
    return this.server === 'c.us' || this.server === 'lid';
  }

  isGroup(): boolean {
    return this.server === 'g.us';
  }

  isLid(): boolean {
    return this.server === 'lid';
  }

  isStatus(): boolean {
    return this._serialized === 'status@broadcast';
  }

  isBroadcast(): boolean {
    return this.server === 'broadcast';
  }

  isNewsletter(): boolean {
    return this.server === 'newsletter';
  }

  equals(other: unknown): boolean {
    return String(other) === this._serialized;
  }

  toJid(): string {
    return this._serialized;
  }

  toString(): string {
    return this._serialized;
  }
}

/** A Wid from its text or from anything that looks like one; throws on anything else, as the page does. */
export function createWid(wid: unknown): Wid {
  if (wid instanceof Wid) return wid;
  const text = typeof wid === 'object' && wid !== null && '_serialized' in wid ? wid._serialized : wid;
  if (typeof text !== 'string' || !/^[^@]+@[^@]+$/.test(text))
    throw new Error(`wid error: invalid wid: ${text}`);
  return new Wid(text);
}
