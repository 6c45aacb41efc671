import type { JSX } from 'preact';

const PATHS = {
  chats: 'M4 5h16v11H9l-5 4z',
  devices: 'M3 5h12v9H3zM1 17h14M18 8h4v11h-6V8z',
  faults: 'M13 2 4 14h7l-1 8 9-12h-7z',
  ledger: 'M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6',
  back: 'M15 5l-7 7 7 7',
  send: 'M4 12 20 4l-5 16-3-7z',
  attach: 'M8 12.5 14 6.5a3.2 3.2 0 0 1 4.6 4.6l-8 8a5 5 0 0 1-7-7l8-8',
  close: 'M6 6l12 12M18 6L6 18',
  plus: 'M12 5v14M5 12h14',
  more: 'M6 12h.01M12 12h.01M18 12h.01',
  group:
    'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c0-4 3-6 6.5-6s6.5 2 6.5 6M16 4.5a3.5 3.5 0 0 1 0 6.3M18 14.5c2.2.8 3.5 2.700 3.500 5.500',
  file: 'M6 3h8l4 4v14H6zM14 3v4h4',
  pin: 'M12 21s7-6.500 7-11.500a7 7 0 0 0-14 0C5 14.500 12 21 12 21zM12 12a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z',
  reply: 'M10 6 4 11l6 5M4 11h9c4 0 7 2 7 7',
  check: 'M4 12.500l5 5L20 6.500',
  phone: 'M8 2h8v20H8zM11 19h2',
} as const;

export type IconName = keyof typeof PATHS;

/** A picture next to words, or in a button that has a label: it says nothing by itself. */
export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
