import type { PageView } from './machine.ts';
import type { PageFacts } from './protocol.ts';
import type { Stage } from './supervisor.ts';

/** What is known of a page: steps that were told, and its last answer. */
export interface PageProgress {
  readonly opened: boolean;
  readonly loaded: boolean;
  readonly facts: PageFacts | undefined;
  /** The library was shown a code to link with. */
  readonly codeSeen: boolean;
  /** The library said ready for the document that is there now. */
  readonly ready: boolean;
}

/** How far a page has come. */
export function stageOf({ opened, loaded, facts, codeSeen, ready }: PageProgress): Stage {
  if (!opened) return 'launching';
  if (!loaded) return 'loading';
  if (facts === undefined || !facts.running) return 'booting';
  switch (facts.socket) {
    // A page may say so for a moment on its way up; that it is unlinked is certain once it shows a code.
    case 'UNPAIRED':
      return codeSeen ? 'unlinked' : 'opening';
    case 'UNPAIRED_IDLE':
      return codeSeen ? 'idle' : 'opening';
    case 'PAIRING':
      return 'syncing';
    case 'CONNECTED':
      // The library says ready whenever hasSynced changes, whichever way.
      if (!facts.hasSynced) return 'syncing';
      return ready ? 'ready' : 'synced';
    default:
      return 'opening';
  }
}

/** What the session's state is moved by. */
export function viewOf(
  stage: Stage,
  known: {
    readonly silent: boolean;
    /** The registration is on the disk. */
    readonly durable: boolean;
    /** An account was linked before. */
    readonly hadAccount: boolean;
  },
): PageView {
  switch (stage) {
    case 'unlinked':
    case 'idle':
      return known.hadAccount ? 'unlinked-again' : 'unlinked';
    case 'syncing':
    case 'synced':
      return 'syncing';
    case 'ready':
      if (known.silent) return 'connecting';
      return known.durable ? 'usable' : 'syncing';
    case 'launching':
    case 'loading':
    case 'booting':
    case 'opening':
      return 'connecting';
  }
}
