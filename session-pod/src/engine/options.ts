import type { Deadlines } from './deadlines.ts';

/** What an engine is told when it is made. */
export interface EngineOptions {
  /**
   * Folder of this session's volume. `profile/` in it is the browser's, `account.json` says who is linked.
   * It has to be locked for this process before `start`: leftovers of earlier browsers in it are killed and removed.
   */
  readonly dataFolder: string;
  /** The browser's program. Default: by flavor, /usr/bin/chromium-headless-shell or /usr/bin/chromium. */
  readonly executable?: string | undefined;
  /** HeadlessShell needs half the memory; Chromium is the whole browser. Default HeadlessShell. */
  readonly flavor?: 'HeadlessShell' | 'Chromium' | undefined;
  /** Further arguments of the browser, after the engine's own. */
  readonly browserArgs?: readonly string[] | undefined;
  /** Whether the browser's own sandbox is used; it needs user namespaces, which containers seldom have. Default false. */
  readonly browserSandbox?: boolean | undefined;
  /** `scheme://[user:password@]host:port`; http, https, socks4 or socks5 (Chromium knows no passwords for socks). */
  readonly proxy?: string | undefined;
  /** How an account is linked. Default by QR code. */
  readonly pairing?: PairingMethod | undefined;
  /** Memory limit of the worker thread's heap in MiB. Default 512. */
  readonly workerHeapMb?: number | undefined;
  /** Time limits that differ from the defaults. */
  readonly deadlines?: Partial<Deadlines> | undefined;
}

/** By QR code, or by a code that is entered on the phone of this number (digits only). */
export type PairingMethod =
  | { readonly method: 'QRCode' }
  | { readonly method: 'PairingCode'; readonly phoneNumber: string };

/** What the engine uses of the world. */
export interface EngineDependencies {
  readonly log: EngineLog;
  /** Milliseconds since 1970. Default Date.now. */
  readonly now?: (() => number) | undefined;
  /** From 0 up to, not including, 1. Default Math.random. */
  readonly random?: (() => number) | undefined;
}

/** Structured lines; fits pino. */
export interface EngineLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
