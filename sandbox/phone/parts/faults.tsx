import type { JSX } from 'preact';
import { parameterWords } from '../fault-catalogue.ts';
import { attempt } from '../sandbox.ts';
import type { StandingFault } from '../shapes.ts';
import { faultTitle } from '../wording.ts';
import { FaultForm } from './fault-form.tsx';

function Standing({ standing }: { readonly standing: StandingFault }): JSX.Element {
  const { id, account, fault, remaining } = standing;
  const about = [
    account === null ? 'every account' : `+${account}`,
    parameterWords(fault),
    remaining === null ? '' : `${remaining} more ${remaining === 1 ? 'time' : 'times'}`,
  ];
  return (
    <li class="standing">
      <div>
        <h4>{faultTitle(fault.kind)}</h4>
        <p>{about.filter((part) => part !== '').join(' · ')}</p>
      </div>
      <button
        type="button"
        class="quiet"
        aria-label={`Clear ${faultTitle(fault.kind)}`}
        onClick={() => void attempt('clearFault', { params: { id } })}
      >
        Clear
      </button>
    </li>
  );
}

/** The faults in force, and the way to begin one. */
export function Faults({
  faults,
  number,
}: {
  readonly faults: readonly StandingFault[];
  readonly number: string;
}): JSX.Element {
  const concerning = faults.filter(({ account }) => account === null || account === number);
  const elsewhere = faults.length - concerning.length;
  return (
    <>
      <h3>In force</h3>
      {concerning.length === 0 && <p class="empty">None: everything works.</p>}
      <ul class="stack" aria-live="polite">
        {concerning.map((standing) => (
          <Standing key={standing.id} standing={standing} />
        ))}
      </ul>
      {elsewhere > 0 && <p class="hint">{elsewhere} more for other accounts.</p>}
      {faults.length > 1 && (
        <button type="button" class="quiet" onClick={() => void attempt('clearFaults', { query: {} })}>
          Clear all
        </button>
      )}
      <h3>Break something</h3>
      <FaultForm number={number} />
    </>
  );
}
