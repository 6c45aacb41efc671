import type { JSX } from 'preact';
import type { Message } from '../shapes.ts';
import { ackWords } from '../wording.ts';

/** How far a message of the account has come: a clock, one tick, two, two in colour; or a cross. */
export function Ticks({ ack }: { readonly ack: Message['ack'] }): JSX.Element {
  return (
    <span class="ticks" data-ack={ack} role="img" aria-label={ackWords(ack)} title={ackWords(ack)}>
      <svg viewBox="0 0 20 12" aria-hidden="true">
        {ack === -1 && <path d="M6 2l8 8M14 2l-8 8" />}
        {ack === 0 && (
          <path d="M10 1.500a4.500 4.500 0 1 0 0 9 4.500 4.500 0 0 0 0-9zM10 3.500V6l1.800 1.200" />
        )}
        {ack === 1 && <path d="M5 6.500l3.500 3.500L15 2.500" />}
        {ack >= 2 && <path d="M1.500 6.500L5 10l6.500-7.500M9 9l1 1 6.500-7.500" />}
      </svg>
    </span>
  );
}
