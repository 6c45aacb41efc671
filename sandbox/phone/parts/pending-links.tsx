import type { JSX } from 'preact';
import { notify } from '../notices.ts';
import { attempt } from '../sandbox.ts';
import type { PendingLink } from '../shapes.ts';
import { QrCode } from './qr-code.tsx';

const dashed = (code: string): string => `${code.slice(0, 4)}-${code.slice(4)}`;

/** One page that waits: its QR code, and its pairing code if it asked for one. */
function Waiting({ link, number }: { readonly link: PendingLink; readonly number: string }): JSX.Element {
  const { qr, code, browser } = link;
  const scan = async (text: string) => {
    const done = await attempt('scan', { params: { number }, body: { qr: text } });
    if (done !== undefined) notify('good', 'Scanned. The page is linked.');
  };
  const enter = async (text: string) => {
    const done = await attempt('enterCode', { params: { number }, body: { code: text } });
    if (done !== undefined) notify('good', 'Entered. The page is linked.');
  };
  return (
    <li class="waiting">
      {qr === null ? (
        <p class="qr spent">Its QR codes ran out</p>
      ) : (
        <QrCode text={qr} label={`QR code shown by ${browser}`} />
      )}
      <div>
        <h4>{browser}</h4>
        {qr !== null && (
          <button type="button" onClick={() => void scan(qr)}>
            Scan this code
          </button>
        )}
        {code !== null && (
          <p class="pairing">
            Pairing code <code>{dashed(code.code)}</code> for +{code.phone}
            {code.phone === number && (
              <button type="button" class="quiet" onClick={() => void enter(code.code)}>
                Enter it
              </button>
            )}
          </p>
        )}
      </div>
    </li>
  );
}

/** The pages that wait to be linked now. */
export function PendingLinks({
  links,
  number,
}: {
  readonly links: readonly PendingLink[];
  readonly number: string;
}): JSX.Element {
  if (links.length === 0) {
    return (
      <p class="empty">
        No page waits. Start a client with the browser arguments below, and it appears here.
      </p>
    );
  }
  return (
    <ul class="stack">
      {links.map((link) => (
        // Its refs rotate: the browser's keys, behind the first comma, are what stays.
        <Waiting
          key={link.qr?.split(',').slice(1).join() ?? link.code?.code ?? link.browser}
          link={link}
          number={number}
        />
      ))}
    </ul>
  );
}
