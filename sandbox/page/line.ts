import type { ClientFrame, PageTiming, ServerFrame } from '../src/wire.ts';

/** What a line tells of itself. */
export interface LineEvents {
  /** The socket is open: say hello. */
  readonly onOpen: () => void;
  readonly onFrame: (frame: ServerFrame) => void;
  /** The connection is gone and the line tries again; `cause` says how it noticed. */
  readonly onLost: (cause: 'closed' | 'silent') => void;
  /** So long without an answer to hello that a person should know. */
  readonly onTimeout: () => void;
}

/** The two pings that may go unanswered before the line counts as dead. */
const PINGS_MISSED = 2;

/**
 * The socket to the server, kept up: reconnects with doubling pauses until told to stop, pings while it is
 * greeted, and notices silence.
 */
export class Line {
  readonly #timing: PageTiming;
  readonly #events: LineEvents;
  #socket: WebSocket | undefined;
  #attempts = 0;
  #pingsOpen = 0;
  #stopped = false;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #pingTimer: ReturnType<typeof setTimeout> | undefined;
  #attemptTimer: ReturnType<typeof setTimeout> | undefined;
  #timeoutTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(timing: PageTiming, events: LineEvents) {
    this.#timing = timing;
    this.#events = events;
  }

  /** Connects now, whatever the line was doing. */
  connect(): void {
    this.#stopped = false;
    this.#clear();
    this.#discard();
    this.#timeoutTimer ??= setTimeout(() => {
      this.#timeoutTimer = undefined;
      this.#events.onTimeout();
    }, this.#timing.connectTimeoutMs);
    const socket = new WebSocket(`wss://${location.host}/ws`);
    this.#socket = socket;
    socket.onopen = () => this.#events.onOpen();
    socket.onmessage = ({ data }) => this.#events.onFrame(JSON.parse(String(data)) as ServerFrame);
    socket.onclose = () => this.#lose('closed');
    this.#attemptTimer = setTimeout(() => this.#lose('silent'), this.#timing.connectTimeoutMs);
  }

  /** The server knows us: from now on silence is a fault of the line. */
  established(): void {
    this.#attempts = 0;
    this.#pingsOpen = 0;
    clearTimeout(this.#attemptTimer);
    clearTimeout(this.#timeoutTimer);
    this.#timeoutTimer = undefined;
    clearInterval(this.#pingTimer);
    this.#pingTimer = setInterval(() => this.#ping(), this.#timing.keepaliveMs);
  }

  answered(): void {
    this.#pingsOpen = 0;
  }

  /** False when there is no open socket; the frame is then not sent, ever. */
  send(frame: ClientFrame): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** Stays away until `connect`. */
  stop(): void {
    this.#stopped = true;
    this.#clear();
    clearTimeout(this.#timeoutTimer);
    this.#timeoutTimer = undefined;
    this.#discard();
  }

  #ping(): void {
    if (this.#pingsOpen >= PINGS_MISSED) {
      this.#lose('silent');
      return;
    }
    this.#pingsOpen += 1;
    this.send({ t: 'ping', n: this.#pingsOpen });
  }

  #lose(cause: 'closed' | 'silent'): void {
    this.#clear();
    this.#discard();
    if (this.#stopped) return;
    const pause = Math.min(this.#timing.backoffMs * 2 ** this.#attempts, this.#timing.backoffMaxMs);
    this.#attempts += 1;
    this.#retryTimer = setTimeout(() => this.connect(), pause * (0.5 + Math.random() / 2));
    this.#events.onLost(cause);
  }

  #clear(): void {
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#attemptTimer);
    clearInterval(this.#pingTimer);
  }

  /** Lets go of the socket: its late events must not be taken for the next one's. */
  #discard(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}
