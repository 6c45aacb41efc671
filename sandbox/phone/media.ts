import type { MediaContent } from './shapes.ts';

/** Where this page finds a file of a message. */
export function mediaAddress({ directPath, mimetype }: MediaContent['media']): string {
  const hash = directPath.slice(directPath.lastIndexOf('/') + 1);
  return `/media/${hash}?type=${encodeURIComponent(mimetype)}`;
}

/** The bytes of a file as the control API takes them. */
export function toBase64(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''));
    reader.onerror = () => reject(new Error('the file cannot be read', { cause: reader.error }));
    reader.readAsDataURL(file);
  });
}
