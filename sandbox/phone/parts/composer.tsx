import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { toBase64 } from '../media.ts';
import { nameOf } from '../names.ts';
import { notify } from '../notices.ts';
import { attempt } from '../sandbox.ts';
import type { Message } from '../shapes.ts';
import type { State } from '../state.ts';
import { sizeWords, summaryOf } from '../wording.ts';
import { Icon } from './icons.tsx';

/** The largest file that the control API takes, in bytes. */
const MOST_BYTES = 100 * 1024 * 1024;

/** What the writing is about besides a new message. */
export type Writing =
  | { readonly kind: 'new' }
  | { readonly kind: 'reply'; readonly to: Message }
  | { readonly kind: 'edit'; readonly message: Message };

const wordsOf = ({ content }: Message): string =>
  content.kind === 'text' ? content.body : content.kind === 'media' ? (content.media.caption ?? '') : '';

/** A picture of a file that is about to be sent; its address lives as long as it is shown. */
function Preview({ file, onRemove }: { readonly file: File; readonly onRemove: () => void }): JSX.Element {
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    if (!file.type.startsWith('image/')) return undefined;
    const made = URL.createObjectURL(file);
    setAddress(made);
    return () => {
      setAddress(undefined);
      URL.revokeObjectURL(made);
    };
  }, [file]);
  return (
    <div class="about">
      {address === undefined ? <Icon name="file" /> : <img src={address} alt="" />}
      <p>
        <strong>{file.name || 'Picture'}</strong>
        <span>{sizeWords(file.size)}</span>
      </p>
      <button type="button" class="plain" aria-label="Remove the file" onClick={onRemove}>
        <Icon name="close" />
      </button>
    </div>
  );
}

/** Where the person one plays writes: words, an answer, a picture, other words for a message that is there. */
export function Composer({
  state,
  number,
  chat,
  people,
  as,
  onAs,
  writing,
  onDone,
}: {
  readonly state: State;
  readonly number: string;
  readonly chat: string;
  /** Whom one can play in this chat. */
  readonly people: readonly string[];
  readonly as: string;
  readonly onAs: (jid: string) => void;
  readonly writing: Writing;
  readonly onDone: () => void;
}): JSX.Element {
  const [words, setWords] = useState('');
  const [file, setFile] = useState<File>();
  const [busy, setBusy] = useState(false);
  const input = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);

  useLayoutEffect(() => {
    if (writing.kind === 'edit') setWords(wordsOf(writing.message));
    if (writing.kind !== 'new') input.current?.focus();
  }, [writing]);

  const take = (taken: File | null | undefined) => {
    if (!taken) return;
    if (taken.size > MOST_BYTES) notify('problem', `${taken.name} is larger than ${sizeWords(MOST_BYTES)}.`);
    else setFile(taken);
    input.current?.focus();
  };

  const send = async (): Promise<boolean> => {
    if (writing.kind === 'edit') {
      const { id, author } = writing.message;
      const done = await attempt('edit', { params: { number, chat, id }, body: { body: words, by: author } });
      return done !== undefined;
    }
    const content =
      file === undefined
        ? ({ kind: 'text', body: words } as const)
        : ({
            kind: 'media',
            mimetype: file.type || 'application/octet-stream',
            data: await toBase64(file),
            ...(file.name === '' ? {} : { filename: file.name }),
            ...(words.trim() === '' ? {} : { caption: words }),
          } as const);
    const replyTo = writing.kind === 'reply' ? { replyTo: writing.to.id } : {};
    const body = { chat, author: as, content, ...replyTo };
    return (await attempt('inject', { params: { number }, body })) !== undefined;
  };

  const submit = async () => {
    if (busy || (words.trim() === '' && file === undefined)) return;
    setBusy(true);
    try {
      if (!(await send())) return;
      setWords('');
      setFile(undefined);
      onDone();
    } catch (error) {
      notify('problem', error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
      input.current?.focus();
    }
  };

  const stop = () => {
    if (writing.kind === 'edit') setWords('');
    onDone();
    input.current?.focus();
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {writing.kind !== 'new' && (
        <div class="about">
          <Icon name="reply" />
          <p>
            <strong>
              {writing.kind === 'reply' ? `Answer to ${nameOf(state, writing.to.author)}` : 'Other words for'}
            </strong>
            <span>{summaryOf(writing.kind === 'reply' ? writing.to : writing.message)}</span>
          </p>
          <button type="button" class="plain" aria-label="Stop" onClick={stop}>
            <Icon name="close" />
          </button>
        </div>
      )}
      {file !== undefined && <Preview file={file} onRemove={() => setFile(undefined)} />}
      <div class="row">
        <label class="as">
          <span>Write as</span>
          <select value={as} onChange={({ currentTarget }) => onAs(currentTarget.value)}>
            {people.map((jid) => (
              <option key={jid} value={jid}>
                {jid === `${number}@c.us` ? 'You, on the phone' : nameOf(state, jid)}
              </option>
            ))}
          </select>
        </label>
        {writing.kind !== 'edit' && (
          <>
            <button
              type="button"
              class="plain"
              aria-label="Attach a picture or another file"
              title="Attach a picture or another file"
              onClick={() => picker.current?.click()}
            >
              <Icon name="attach" />
            </button>
            <input
              ref={picker}
              type="file"
              class="visually-hidden"
              tabIndex={-1}
              aria-label="File to send"
              onChange={({ currentTarget }) => {
                take(currentTarget.files?.[0]);
                currentTarget.value = '';
              }}
            />
          </>
        )}
        <textarea
          ref={input}
          rows={1}
          value={words}
          dir="auto"
          aria-label={file === undefined ? 'Message' : 'Caption'}
          placeholder={file === undefined ? 'Message' : 'Caption'}
          onInput={({ currentTarget }) => setWords(currentTarget.value)}
          onPaste={({ clipboardData }) => take(clipboardData?.files[0])}
          onKeyDown={(event) => {
            if (event.key === 'Escape' && writing.kind !== 'new') stop();
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            void submit();
          }}
        />
        <button
          type="submit"
          class="round"
          aria-label={writing.kind === 'edit' ? 'Save' : 'Send'}
          disabled={busy || (words.trim() === '' && file === undefined)}
        >
          <Icon name={writing.kind === 'edit' ? 'check' : 'send'} />
        </button>
      </div>
    </form>
  );
}
