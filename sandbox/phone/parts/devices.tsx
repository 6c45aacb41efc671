import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { notify } from '../notices.ts';
import { attempt, sandbox } from '../sandbox.ts';
import type { Account, Device } from '../shapes.ts';
import type { State } from '../state.ts';
import { momentOf } from '../wording.ts';
import { LinkForms } from './link-forms.tsx';
import { PendingLinks } from './pending-links.tsx';

function LinkedDevice({ device, number }: { readonly device: Device; readonly number: string }): JSX.Element {
  const { id, browser, connected, linkedAt, feedPosition } = device;
  return (
    <li class="device">
      <span class="dot" data-on={connected} aria-hidden="true" />
      <div>
        <h4>{browser}</h4>
        <p>
          {connected ? 'Connected' : 'Not connected'}, linked {momentOf(linkedAt)}, has the account's feed up
          to {feedPosition}
        </p>
      </div>
      <button
        type="button"
        class="quiet danger"
        aria-label={`Unlink ${browser}, linked ${momentOf(linkedAt)}`}
        onClick={() => void attempt('unlink', { params: { number }, body: { device: id } })}
      >
        Unlink
      </button>
    </li>
  );
}

function BrowserArguments(): JSX.Element {
  const [args, setArgs] = useState<readonly string[]>([]);
  useEffect(() => {
    sandbox.call('browserArgs', {}).then(
      (answer) => setArgs(answer.args),
      () => setArgs([]),
    );
  }, []);
  const text = args.map((arg) => `'${arg}'`).join(',\n');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      notify('good', 'Copied.');
    } catch {
      notify('problem', 'The browser does not allow copying here: select the text instead.');
    }
  };
  return (
    <details class="arguments">
      <summary>Browser arguments for your client</summary>
      <p>
        Add these to <code>puppeteer.args</code>. Nothing else changes.
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <pre tabIndex={0}>{text}</pre>
      <button type="button" class="quiet" onClick={() => void copy()}>
        Copy
      </button>
    </details>
  );
}

/** What is linked to the account, what waits to be, and every way to link it. */
export function Devices({
  state,
  account,
}: {
  readonly state: State;
  readonly account: Account;
}): JSX.Element {
  const { number, devices } = account;
  const linked = devices.filter(({ unlinkedAt }) => unlinkedAt === null);
  const former = devices.length - linked.length;
  return (
    <>
      <h3>Waiting to be linked</h3>
      <PendingLinks links={state.links} number={number} />
      <h3>Link another way</h3>
      <LinkForms number={number} />
      <h3>Linked devices</h3>
      {linked.length === 0 && <p class="empty">None.</p>}
      <ul class="stack">
        {linked.map((device) => (
          <LinkedDevice key={device.id} device={device} number={number} />
        ))}
      </ul>
      {former > 0 && <p class="hint">{former === 1 ? 'One was unlinked.' : `${former} were unlinked.`}</p>}
      {linked.length > 1 && (
        <button
          type="button"
          class="quiet danger"
          onClick={() => void attempt('unlink', { params: { number }, body: {} })}
        >
          Unlink all
        </button>
      )}
      <BrowserArguments />
    </>
  );
}
