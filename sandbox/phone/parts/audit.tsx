import type { JSX } from 'preact';
import type { Audit as AuditResult } from '../shapes.ts';

type Comparison = AuditResult['outbound'];

/** What a comparison found, in words; empty when nothing. */
function findings(
  { lost, duplicated, unexpected, reordered }: Comparison,
  lostWord: string,
): readonly string[] {
  return [
    [lost.length, lostWord],
    [duplicated.length, 'doubled'],
    [unexpected.length, 'never sent'],
    [reordered.length, 'out of order'],
  ].flatMap(([count, word]) => (count === 0 ? [] : [`${count} ${word}`]));
}

function Verdict({
  title,
  found,
  sound,
}: {
  readonly title: string;
  readonly found: readonly string[];
  readonly sound: string;
}): JSX.Element {
  return (
    <div class="verdict" data-sound={found.length === 0}>
      <dt>{title}</dt>
      <dd>{found.length === 0 ? sound : found.join(', ')}</dd>
    </div>
  );
}

/** Whether everything arrived, once and in order. */
export function Audit({ audit }: { readonly audit: AuditResult | undefined }): JSX.Element {
  if (audit === undefined) return <p class="empty">Reading the ledger…</p>;
  return (
    <dl class="audit" aria-live="polite">
      <Verdict
        title="From devices to people"
        found={findings(audit.outbound, 'lost')}
        sound="Nothing lost, doubled or moved"
      />
      <Verdict
        title="From people to devices"
        found={findings(audit.inbound, 'not received by a device')}
        sound="Nothing lost, doubled or moved"
      />
    </dl>
  );
}
