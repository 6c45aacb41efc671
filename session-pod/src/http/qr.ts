import { encode as encodePng } from 'fast-png';
import { encode, renderUnicodeCompact } from 'uqr';

/** Pixels per module. */
const SCALE = 8;
/** Modules of white around the code; scanners need them. */
const BORDER = 4;

/** A QR code as a PNG in black and white. */
export function qrPng(text: string): Uint8Array {
  const { data, size } = encode(text, { border: BORDER });
  const width = size * SCALE;
  const pixels = new Uint8Array(width * width);
  for (let y = 0; y < width; y += 1) {
    const row = data[Math.floor(y / SCALE)];
    for (let x = 0; x < width; x += 1) {
      pixels[y * width + x] = row?.[Math.floor(x / SCALE)] === true ? 0 : 255;
    }
  }
  return encodePng({ width, height: width, data: pixels, channels: 1, depth: 8 });
}

/** A QR code for a terminal with a dark background, two modules per character. */
export function qrText(text: string): string {
  return `${renderUnicodeCompact(text, { border: 2 })}\n`;
}
