import type { JSX } from 'preact';
import { dismiss, useNotices } from '../notices.ts';
import { Icon } from './icons.tsx';

/** What the person is told in passing; read out, and gone after some seconds. */
export function Notices(): JSX.Element {
  return (
    <div class="notices" aria-live="assertive">
      {useNotices().map(({ id, tone, text }) => (
        <p key={id} data-tone={tone}>
          <span>{text}</span>
          <button type="button" class="plain" aria-label="Dismiss" onClick={() => dismiss(id)}>
            <Icon name="close" />
          </button>
        </p>
      ))}
    </div>
  );
}
