import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { type FaultField, type FieldValue, faultKinds, readFault } from '../fault-catalogue.ts';
import { notify } from '../notices.ts';
import { attempt } from '../sandbox.ts';
import { faultTitle } from '../wording.ts';

const GROUPS = [
  ['momentary', 'At once, one time'],
  ['server', 'In the service, until cleared'],
  ['page', 'In the page, until cleared'],
] as const;

const labelOf = (name: string): string =>
  name === 'ms'
    ? 'Milliseconds'
    : faultTitle(name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`));

function Field({
  field,
  value,
  onChange,
}: {
  readonly field: FaultField;
  readonly value: FieldValue;
  readonly onChange: (value: FieldValue) => void;
}): JSX.Element {
  const { control, name, hint } = field;
  const label = labelOf(name);
  switch (control.kind) {
    case 'flag':
      return (
        <label class="check">
          <input
            type="checkbox"
            checked={value === true}
            onChange={({ currentTarget }) => onChange(currentTarget.checked)}
          />
          {label}
        </label>
      );
    case 'levels': {
      const levels = Array.isArray(value) ? (value as readonly number[]) : [];
      const toggle = (level: number) =>
        onChange(levels.includes(level) ? levels.filter((one) => one !== level) : [...levels, level]);
      return (
        <fieldset class="inline">
          <legend>{label}</legend>
          {control.options.map((level) => (
            <label key={level} class="check">
              <input type="checkbox" checked={levels.includes(level)} onChange={() => toggle(level)} />
              {level}
            </label>
          ))}
        </fieldset>
      );
    }
    case 'choice':
      return (
        <label>
          {label}
          <select value={String(value)} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
            {control.options.map((option) => (
              <option key={option}>{option}</option>
            ))}
          </select>
        </label>
      );
    case 'number':
      return (
        <label>
          {label}
          <input
            type="number"
            required
            min={control.min}
            max={control.max}
            step={control.whole ? 1 : 'any'}
            value={String(value)}
            title={hint}
            onInput={({ currentTarget }) => onChange(currentTarget.value)}
          />
        </label>
      );
    case 'text':
    case 'words':
      return (
        <label>
          {label}
          <input
            required
            value={String(value)}
            title={hint ?? (control.kind === 'words' ? 'Separated by commas' : undefined)}
            onInput={({ currentTarget }) => onChange(currentTarget.value)}
          />
        </label>
      );
  }
}

/** Makes something go wrong, for this account or for all. */
export function FaultForm({ number }: { readonly number: string }): JSX.Element {
  const [kind, setKind] = useState('drop-socket');
  const [values, setValues] = useState<Readonly<Record<string, FieldValue>>>({});
  const [everyone, setEveryone] = useState(false);
  const [times, setTimes] = useState('');
  const chosen = faultKinds.find((one) => one.kind === kind);
  if (chosen === undefined) return <p class="empty">The sandbox knows no faults.</p>;
  const momentary = chosen.group === 'momentary';

  const begin = async () => {
    const read = readFault(chosen, values);
    if (!read.ok) {
      notify('problem', read.problem);
      return;
    }
    const body = {
      account: everyone ? null : number,
      fault: read.fault,
      times: momentary || times === '' ? null : Number(times),
    };
    const done = await attempt('addFault', { body });
    if (done === null) notify('good', `Done: ${faultTitle(kind).toLowerCase()}.`);
  };

  return (
    <form
      class="fields"
      onSubmit={(event) => {
        event.preventDefault();
        void begin();
      }}
    >
      <label>
        Fault
        <select
          value={kind}
          onChange={({ currentTarget }) => {
            setKind(currentTarget.value);
            setValues({});
          }}
        >
          {GROUPS.map(([group, label]) => (
            <optgroup key={group} label={label}>
              {faultKinds
                .filter((one) => one.group === group)
                .map((one) => (
                  <option key={one.kind} value={one.kind}>
                    {faultTitle(one.kind)}
                  </option>
                ))}
            </optgroup>
          ))}
        </select>
      </label>
      <p class="hint">{chosen.description}.</p>
      {chosen.fields.map((field) => (
        <Field
          key={`${kind} ${field.name}`}
          field={field}
          value={values[field.name] ?? field.initial}
          onChange={(value) => setValues({ ...values, [field.name]: value })}
        />
      ))}
      {!momentary && (
        <label>
          Ends after so many times
          <input
            type="number"
            min={1}
            placeholder="when cleared"
            value={times}
            onInput={({ currentTarget }) => setTimes(currentTarget.value)}
          />
        </label>
      )}
      <label class="check">
        <input
          type="checkbox"
          checked={everyone}
          onChange={({ currentTarget }) => setEveryone(currentTarget.checked)}
        />
        For every account, and pages that are not linked yet
      </label>
      <button type="submit" class="alarm">
        {momentary ? 'Do it now' : 'Begin'}
      </button>
    </form>
  );
}
