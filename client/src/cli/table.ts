/** Text in columns, as kubectl prints it: pure. */

/** The cells of a row, left to right. */
export type Row = readonly string[];

/** How many columns of a terminal a text takes, so that names in other scripts do not move what follows them. */
export function widthOf(text: string): number {
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += isWide(segment) ? 2 : 1;
  return width;
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const isWide = (segment: string): boolean =>
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/u.test(
    segment,
  );

/** Rows below a header, each column as wide as its widest cell; nothing trails a line. */
export function table(header: Row, rows: readonly Row[]): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => widthOf(row[column] ?? ''))));
  return all.map((row) => line(row, widths)).join('\n');
}

const line = (row: Row, widths: readonly number[]): string =>
  row
    .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell) + 3))
    .join('')
    .trimEnd();

/** Names on the left, what they are on the right. */
export function fields(rows: readonly (readonly [string, string])[], indent = '  '): string {
  const width = Math.max(...rows.map(([name]) => widthOf(name)));
  return rows
    .map(([name, value]) => `${indent}${name}${' '.repeat(width - widthOf(name) + 3)}${value}`)
    .join('\n');
}

/** Cut to the width of a terminal. */
export function cut(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let kept = '';
  for (const { segment } of segmenter.segment(text)) {
    if (widthOf(kept + segment) > columns - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** Words in lines of at most so many columns, each behind the indent. */
export function wrap(text: string, columns: number, indent: string): string {
  const lines: string[] = [];
  let current = '';
  for (const word of text.split(/\s+/)) {
    if (current !== '' && widthOf(`${indent}${current} ${word}`) > columns) {
      lines.push(indent + current);
      current = word;
    } else current = current === '' ? word : `${current} ${word}`;
  }
  lines.push(indent + current);
  return lines.join('\n');
}

/** Control characters made visible: what others named themselves must not steer a terminal. */
export const printable = (text: string): string => text.replaceAll(/\p{Cc}/gu, '�');
