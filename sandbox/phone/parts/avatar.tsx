import type { JSX } from 'preact';
import { hueOf, initialsOf, isGroup } from '../names.ts';
import { Icon } from './icons.tsx';

/** The round picture of a person or a group, in a colour that stays with it. */
export function Avatar({ jid, name }: { readonly jid: string; readonly name: string }): JSX.Element {
  return (
    <span class="avatar" data-hue={Math.floor(hueOf(jid) / 45)} aria-hidden="true">
      {isGroup(jid) ? <Icon name="group" /> : initialsOf(name)}
    </span>
  );
}
