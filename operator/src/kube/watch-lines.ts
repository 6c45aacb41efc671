/**
 * Cuts a stream of bytes into the lines of a watch, wherever the chunks end: inside a line, inside a character.
 * A line is decoded when it is whole. What follows the last newline is not a line: the connection broke inside it.
 * Throws `RangeError` for a line above `maxBytes`.
 */
export async function* watchLines(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<string> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      const line = Buffer.concat([...held, chunk.subarray(start, end)]).toString('utf8');
      held = [];
      heldBytes = 0;
      start = end + 1;
      if (line !== '') yield line;
    }
    if (start === chunk.length) continue;
    held.push(chunk.subarray(start));
    heldBytes += chunk.length - start;
    if (heldBytes > maxBytes) throw new RangeError(`a line of the watch is longer than ${maxBytes} bytes`);
  }
}

const newline = 0x0a;
