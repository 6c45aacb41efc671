/** The panels beside the chats. */
export const PANELS = ['devices', 'faults', 'ledger'] as const;
export type Panel = (typeof PANELS)[number];

/** Where the person is; the address bar says it, so that reload, back and bookmarks work. */
export interface Place {
  readonly account: string | undefined;
  readonly section: 'chats' | Panel;
  readonly chat: string | undefined;
}

export function parsePlace(hash: string): Place {
  const [account, section = '', chat] = hash
    .replace(/^#?\/?/, '')
    .split('/')
    .map(decodeSafely);
  const panel = PANELS.find((name) => name === section);
  return {
    account: /^\d+$/.test(account ?? '') ? account : undefined,
    section: panel ?? 'chats',
    chat: section === 'chats' && chat !== '' ? chat : undefined,
  };
}

export function formatPlace({ account = '', section, chat }: Place): string {
  return `#/${[account, section, ...(chat === undefined ? [] : [chat])].map(encodeURIComponent).join('/')}`;
}

function decodeSafely(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
