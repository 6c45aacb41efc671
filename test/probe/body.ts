import { HttpError } from './reply.ts';

/** The largest body that is read, in bytes: 1 MiB. */
export const MAX_BODY_BYTES = 2 ** 20;

/**
 * Reads a whole body, and no more of it than allowed.
 *
 * @throws HttpError 413 `TOO_LARGE`.
 */
export async function readBounded(
  stream: AsyncIterable<Uint8Array>,
  limit = MAX_BODY_BYTES,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > limit) throw new HttpError(413, 'TOO_LARGE', `a body may have ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
