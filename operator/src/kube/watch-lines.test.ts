import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { watchLines } from './watch-lines.ts';

async function* pieces(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  for (const [index, start] of at.entries()) yield bytes.subarray(start, at[index + 1] ?? bytes.length);
}

async function read(chunks: AsyncIterable<Uint8Array>, maxBytes = 1000): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of watchLines(chunks, maxBytes)) lines.push(line);
  return lines;
}

describe('the lines of a watch', () => {
  it('are the same wherever the chunks end, inside a character too', async () => {
    const line = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
      .map((text) => text.replaceAll('\n', '_'));
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.array(fc.nat(2000)), async (lines, cuts) => {
        const bytes = Buffer.from(lines.map((one) => `${one}\n`).join(''));
        expect(await read(pieces(bytes, cuts))).toEqual(lines);
      }),
    );
  });

  it('do not include one that the connection broke in', async () => {
    expect(await read(pieces(Buffer.from('{"a":1}\n{"b":'), [3]))).toEqual(['{"a":1}']);
  });

  it('end with an error when one is too long', async () => {
    await expect(read(pieces(Buffer.alloc(200, 'x'), [50, 100, 150]), 100)).rejects.toThrow(RangeError);
  });

  it('may come many in one chunk, empty ones left out', async () => {
    expect(await read(pieces(Buffer.from('a\n\nb\nc\n'), []))).toEqual(['a', 'b', 'c']);
  });
});
