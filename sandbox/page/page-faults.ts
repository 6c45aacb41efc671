import type { PageFault } from '../src/wire.ts';
import { renameSerialized } from './message-key.ts';

/** Memory that a fault took and holds. */
const hoard: number[][] = [];

/** 131 072 doubles are one mebibyte. */
const DOUBLES_PER_MEGABYTE = 131_072;

const takeMegabyte = (): void => {
  hoard.push(Array.from({ length: DOUBLES_PER_MEGABYTE }, Math.random));
};

/** The faults that this page plays. */
export class PageFaults {
  readonly #active: PageFault[] = [];
  readonly #missing = new Set<string>();
  #growing = false;

  /** Begins a fault. Beginning the same one twice is beginning it once. */
  begin(fault: PageFault): void {
    if (this.#active.some((known) => JSON.stringify(known) === JSON.stringify(fault))) return;
    switch (fault.kind) {
      case 'never-ready':
      case 'early-ready':
      case 'send-before-store':
      case 'no-resend':
      case 'slow-boot':
        this.#active.push(fault);
        return;
      case 'whats-new':
        this.#active.push(fault);
        showDialog();
        return;
      case 'rename-message-key':
        renameSerialized();
        return;
      case 'missing-modules':
        for (const module of fault.modules) this.#missing.add(module);
        return;
      case 'heap-growth':
        this.#grow(fault.megabytes, fault.perSecond);
        return;
      case 'hang': {
        const end = Date.now() + fault.ms;
        while (Date.now() < end);
        return;
      }
      case 'crash':
        for (;;) takeMegabyte();
      case 'reload':
        location.reload();
        return;
      case 'navigate':
        location.assign(fault.url);
        return;
    }
  }

  isMissing(module: string): boolean {
    return this.#missing.has(module);
  }

  has(kind: PageFault['kind']): boolean {
    return this.#active.some((fault) => fault.kind === kind);
  }

  /** How late the page's program starts. */
  bootDelay(): number {
    return this.#active.reduce(
      (most, fault) => (fault.kind === 'slow-boot' ? Math.max(most, fault.ms) : most),
      0,
    );
  }

  /** Fulfilled when nothing (more) keeps the page from syncing. */
  async untilSyncAllowed(): Promise<void> {
    const dialog = this.#active.find((fault) => fault.kind === 'whats-new');
    if (dialog?.blocksSync !== true) return;
    await new Promise<void>((resolve) => {
      const button = document.querySelector('#whats-new button');
      if (button === null) resolve();
      else button.addEventListener('click', () => resolve());
    });
  }

  #grow(megabytes: number, perSecond: number): void {
    if (this.#growing) return;
    this.#growing = true;
    const timer = setInterval(() => {
      if (hoard.length >= megabytes) clearInterval(timer);
      else takeMegabyte();
    }, 1000 / perSecond);
  }
}

/** The kind of dialog that the real page covers itself with after an update. */
function showDialog(): void {
  const dialog = document.createElement('div');
  dialog.id = 'whats-new';
  dialog.setAttribute('role', 'dialog');
  dialog.setAttribute('aria-label', "What's new");
  const button = document.createElement('button');
  button.textContent = 'Continue';
  button.addEventListener('click', () => dialog.remove());
  dialog.append("What's new on this simulated WhatsApp Web", button);
  document.body.append(dialog);
}
