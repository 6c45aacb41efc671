import { Failure } from '../machine/failure.ts';

/**
 * Why the image builder could not do what it was asked. Callers decide by `code`; the message is for people,
 * and the remedy says what to do next wherever there is something to do.
 *
 * - `IMAGES_BAD_SETTING`: an environment variable or an argument has a value that means nothing here.
 * - `IMAGES_UNKNOWN_NAME`: the catalogue has no image of that name.
 * - `IMAGES_NOT_ROOT`: building needs root (mounts, chroot, file owners inside the image).
 * - `IMAGES_MISSING_TOOLS`: programs are not installed; the message names all of them, the remedy their packages.
 * - `IMAGES_SOURCE_MISSING`: a file that should go into an image does not exist or is not a plain file.
 * - `IMAGES_NO_DEBIAN_SOURCES`: the machine's apt configuration names no Debian mirror to take packages from.
 * - `IMAGES_DISK_FULL`: too little free space before the work, or none left during it.
 * - `IMAGES_TOOL_FAILED`: a program ended with a failure; the end of its output is in the message.
 * - `IMAGES_INTERRUPTED`: the caller's signal was aborted. Nothing half made is left that a later build would use.
 */
export type ImageErrorCode =
  | 'IMAGES_BAD_SETTING'
  | 'IMAGES_UNKNOWN_NAME'
  | 'IMAGES_NOT_ROOT'
  | 'IMAGES_MISSING_TOOLS'
  | 'IMAGES_SOURCE_MISSING'
  | 'IMAGES_NO_DEBIAN_SOURCES'
  | 'IMAGES_DISK_FULL'
  | 'IMAGES_TOOL_FAILED'
  | 'IMAGES_INTERRUPTED';

/** What helps wherever there is nothing more exact to say. */
const REMEDIES: Partial<Readonly<Record<ImageErrorCode, string>>> = {
  IMAGES_NOT_ROOT: 'run it as root, such as sudo make images',
  IMAGES_DISK_FULL: 'free some space (df -h), or point WHATSAPP_OPERATOR_IMAGES at another disk',
};

/** These may go well when the same is asked for again. */
const PASSING: readonly ImageErrorCode[] = ['IMAGES_DISK_FULL', 'IMAGES_INTERRUPTED'];

/** The one error class of the image builder. */
export class ImageError extends Failure {
  /** What went wrong, for programs. */
  declare readonly code: ImageErrorCode;

  /** @param options.remedy one imperative sentence; default: what usually helps with this code, if anything does. */
  constructor(
    code: ImageErrorCode,
    message: string,
    options: { readonly remedy?: string; readonly cause?: unknown } = {},
  ) {
    super(code, message, {
      class: PASSING.includes(code) ? 'retry' : 'terminal',
      remedy: options.remedy ?? REMEDIES[code],
      cause: options.cause,
    });
    this.name = 'ImageError';
  }
}
