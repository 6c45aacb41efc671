import { Wid } from './wid.ts';

/** What a key is made from: either the ends of the message, or the finished parts. */
export interface KeyParts {
  readonly id: string;
  readonly from?: Wid;
  readonly to?: Wid;
  readonly selfDir?: 'in' | 'out';
  readonly fromMe?: boolean;
  readonly remote?: Wid;
  readonly participant?: Wid | undefined;
}

/** Set by a fault: keys made from then on have no `_serialized`, as pages of July 2026 had none. */
let renamed = false;

export function renameSerialized(): void {
  renamed = true;
}

/** Names one message in one chat: `<fromMe>_<chat>_<id>`, and in groups `_<author>` behind it. */
export class MsgKey {
  readonly fromMe: boolean;
  readonly remote: Wid;
  readonly id: string;
  declare readonly participant?: Wid;
  declare readonly _serialized?: string;

  constructor(parts: KeyParts) {
    const fromMe = parts.fromMe ?? parts.selfDir === 'out';
    const remote = parts.remote ?? (fromMe ? parts.to : parts.from);
    if (remote === undefined) throw new Error('MsgKey error: no remote');
    this.fromMe = fromMe;
    this.remote = remote;
    this.id = parts.id;
    if (parts.participant !== undefined) this.participant = parts.participant;
    if (renamed) Object.assign(this, { $1: this.toString() });
    else this._serialized = this.toString();
  }

  toString(): string {
    const base = `${this.fromMe}_${this.remote}_${this.id}`;
    return this.participant === undefined ? base : `${base}_${this.participant}`;
  }

  /** Undoes `toString`. */
  static fromString(text: string): MsgKey {
    const [fromMe, remote, id, participant] = text.split('_');
    if (remote === undefined || id === undefined) throw new Error(`MsgKey error: "${text}" is no key`);
    return new MsgKey({
      fromMe: fromMe === 'true',
      remote: new Wid(remote),
      id,
      participant: participant === undefined ? undefined : new Wid(participant),
    });
  }

  /** A new id, of the length that tells a message from a browser. */
  static newId(): Promise<string> {
    const bytes = crypto.getRandomValues(new Uint8Array(9));
    return Promise.resolve(
      `3EB0${[...bytes]
        .map((byte) => byte.toString(16).padStart(2, '0'))
        .join('')
        .toUpperCase()}`,
    );
  }
}
