import type { BuiltImage } from './built-image.ts';
import type { ImageRecord } from './record.ts';

/** The lines printed after a build, one per image. */
export function builtLines(images: readonly BuiltImage[]): string[] {
  return columns(
    images.map(({ name, id, bytes, outcome, seconds }) => [
      name,
      shortId(id),
      mebibytes(bytes),
      outcome === 'built' ? 'rebuilt' : 'unchanged',
      `${seconds.toFixed(1)} s`,
    ]),
  );
}

/** The lines of `list`, one per finished image. */
export function listLines(images: readonly ImageRecord[]): string[] {
  if (images.length === 0) return ['no image has been built yet'];
  return columns(images.map(({ tag, id, bytes, archive }) => [tag, shortId(id), mebibytes(bytes), archive]));
}

function shortId(id: string): string {
  return id.replace('sha256:', '').slice(0, 12);
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
