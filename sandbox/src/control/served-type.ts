/**
 * The content type under which a file that somebody sent is served. Only types that a browser shows without
 * running anything in them: a file of any other type, SVG too, is bytes to be saved.
 */
export function servedType(wanted: string | undefined): string {
  const type = (wanted ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const harmless =
    /^(image|audio|video)\/[\w.+-]+$/.test(type) && !type.includes('svg') && !type.includes('xml');
  return harmless ? type : 'application/octet-stream';
}
