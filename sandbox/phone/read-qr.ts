import decodeQR from 'qr/decode.js';

/** The side that a picture is reduced to before the search: larger ones take seconds and are no easier to read. */
const MOST_PIXELS = 1600;

/**
 * The text of the QR code in a picture.
 *
 * @throws Error that says in plain words what is wrong with the picture
 */
export async function readQr(file: Blob): Promise<string> {
  const bitmap = await createImageBitmap(file).catch((cause: unknown) => {
    throw new Error('This file is not a picture that the browser can open.', { cause });
  });
  try {
    const scale = Math.min(1, MOST_PIXELS / Math.max(bitmap.width, bitmap.height));
    const width = Math.max(1, Math.round(bitmap.width * scale));
    const height = Math.max(1, Math.round(bitmap.height * scale));
    const context = new OffscreenCanvas(width, height).getContext('2d');
    if (context === null) throw new Error('The browser gives no canvas to read the picture with.');
    // A screenshot can be transparent where it looks white.
    context.fillStyle = '#fff';
    context.fillRect(0, 0, width, height);
    context.drawImage(bitmap, 0, 0, width, height);
    return decodeQR(context.getImageData(0, 0, width, height), { timeLimit: 2_000 });
  } catch (cause) {
    throw new Error('No QR code was found in this picture.', { cause });
  } finally {
    bitmap.close();
  }
}
