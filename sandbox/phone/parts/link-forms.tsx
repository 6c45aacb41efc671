import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { notify } from '../notices.ts';
import { readQr } from '../read-qr.ts';
import { attempt } from '../sandbox.ts';

/** The other ways to link: the QR code's text, its picture, a pairing code. */
export function LinkForms({ number }: { readonly number: string }): JSX.Element {
  const [text, setText] = useState('');
  const [code, setCode] = useState('');
  const [over, setOver] = useState(false);

  const scan = async (qr: string) => {
    const done = await attempt('scan', { params: { number }, body: { qr: qr.trim() } });
    if (done === undefined) return;
    setText('');
    notify('good', 'Scanned. The page is linked.');
  };
  const scanPicture = async (file: File | null | undefined) => {
    if (!file) return;
    try {
      await scan(await readQr(file));
    } catch (error) {
      notify('problem', error instanceof Error ? error.message : String(error));
    }
  };
  const enter = async () => {
    const done = await attempt('enterCode', { params: { number }, body: { code } });
    if (done === undefined) return;
    setCode('');
    notify('good', 'Entered. The page is linked.');
  };

  return (
    <div class="link-forms">
      <form
        class="line"
        onSubmit={(event) => {
          event.preventDefault();
          void scan(text);
        }}
      >
        <label>
          Text of a QR code
          <input
            required
            autoComplete="off"
            placeholder="2@…, or paste its picture"
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
            onPaste={(event) => {
              const file = event.clipboardData?.files[0];
              if (file === undefined) return;
              event.preventDefault();
              void scanPicture(file);
            }}
          />
        </label>
        <button type="submit">Scan</button>
      </form>
      <label
        class="drop"
        data-over={over}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          void scanPicture(event.dataTransfer?.files[0]);
        }}
      >
        <span>
          <strong>Picture of a QR code</strong> Choose one, or drop it here
        </span>
        <input
          type="file"
          accept="image/*"
          onChange={({ currentTarget }) => {
            void scanPicture(currentTarget.files?.[0]);
            currentTarget.value = '';
          }}
        />
      </label>
      <form
        class="line"
        onSubmit={(event) => {
          event.preventDefault();
          void enter();
        }}
      >
        <label>
          Pairing code
          <input
            required
            autoComplete="off"
            autoCapitalize="characters"
            spellcheck={false}
            maxLength={12}
            placeholder="ABCD-EFGH"
            value={code}
            onInput={({ currentTarget }) => setCode(currentTarget.value)}
          />
        </label>
        <button type="submit">Enter</button>
      </form>
    </div>
  );
}
