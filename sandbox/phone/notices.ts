import { useEffect, useState } from 'preact/hooks';

export interface Notice {
  readonly id: number;
  readonly tone: 'good' | 'problem';
  readonly text: string;
}

const SHOWN_MS = 6_000;

let notices: readonly Notice[] = [];
let next = 1;
const listeners = new Set<() => void>();

const tell = () => {
  for (const listener of listeners) listener();
};

export function dismiss(id: number): void {
  notices = notices.filter((notice) => notice.id !== id);
  tell();
}

/** Tells the person something in passing. The same words twice are one notice. */
export function notify(tone: Notice['tone'], text: string): void {
  const notice = { id: next++, tone, text };
  notices = [...notices.filter((known) => known.text !== text), notice].slice(-3);
  tell();
  setTimeout(() => dismiss(notice.id), SHOWN_MS);
}

export function useNotices(): readonly Notice[] {
  const [shown, setShown] = useState(notices);
  useEffect(() => {
    const listener = () => setShown(notices);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }, []);
  return shown;
}
