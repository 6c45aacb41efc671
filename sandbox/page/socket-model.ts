import { Model } from './model.ts';

/** The states that whatsapp-web.js knows. */
export type SocketState =
  | 'UNLAUNCHED'
  | 'OPENING'
  | 'PAIRING'
  | 'UNPAIRED'
  | 'UNPAIRED_IDLE'
  | 'CONNECTED'
  | 'TIMEOUT'
  | 'CONFLICT'
  | 'TOS_BLOCK'
  | 'SMB_TOS_BLOCK'
  | 'PROXYBLOCK'
  | 'DEPRECATED_VERSION';

interface SocketFields {
  readonly state: SocketState;
  readonly hasSynced: boolean;
}

/** What the session does when the library asks. */
export interface SocketCommands {
  readonly takeover: () => void;
  readonly reconnect: () => void;
  readonly logout: () => Promise<void>;
}

/** The page's idea of its connection: `state` and `hasSynced` drive whatsapp-web.js. */
export class SocketModel extends Model<SocketFields> {
  declare readonly state: SocketState;
  declare readonly hasSynced: boolean;
  #commands: SocketCommands | undefined;

  constructor() {
    super({ state: 'UNLAUNCHED', hasSynced: false });
  }

  obey(commands: SocketCommands): void {
    this.#commands = commands;
  }

  /** Claims the connection back after a conflict. */
  takeover(): void {
    this.#commands?.takeover();
  }

  reconnect(): void {
    this.#commands?.reconnect();
  }

  async logout(): Promise<void> {
    await this.#commands?.logout();
  }
}

interface ConnFields {
  readonly ref: string | undefined;
  readonly pushname: string;
  readonly platform: string;
  readonly phone: undefined;
}

/** Who is connected, and the ref of the QR code while nobody is. */
export class ConnModel extends Model<ConnFields> {
  declare readonly ref: string | undefined;
  declare readonly pushname: string;
  declare readonly platform: string;

  constructor() {
    super({ ref: undefined, pushname: '', platform: '', phone: undefined });
  }

  canSetMyPushname(): boolean {
    return false;
  }
}
