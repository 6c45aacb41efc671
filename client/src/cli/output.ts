import { Option } from 'commander';
import { stringify } from 'yaml';
import type { Io } from './io.ts';

/** How a command prints what it found: for people, or for programs. */
export type Format = 'text' | 'json' | 'yaml' | 'name';

export const formatOption = (): Option =>
  new Option('-o, --output <format>', 'how to print')
    .choices(['text', 'json', 'yaml', 'name'])
    .default('text');

export interface Printed {
  readonly format: Format;
  /** What programs get. */
  readonly value: unknown;
  /** What people get. Only made when it is needed. */
  readonly text: () => string;
  /** One line for each. */
  readonly names: readonly string[];
}

export function print(io: Io, { format, value, text, names }: Printed): void {
  switch (format) {
    case 'text':
      io.out(`${text()}\n`);
      return;
    case 'json':
      io.out(`${JSON.stringify(value, null, 2)}\n`);
      return;
    case 'yaml':
      io.out(stringify(value));
      return;
    case 'name':
      io.out(names.map((name) => `${name}\n`).join(''));
      return;
  }
}
