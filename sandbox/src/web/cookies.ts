/** The cookie with which a linked page says who it is before its program runs, so that faults can find it. */
export const DEVICE_COOKIE = 'sandbox_device';

/** The value of one cookie in a request's Cookie header; undefined when it is not there. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  return header
    ?.split(';')
    .map((pair) => pair.trim().split('='))
    .find(([key]) => key === name)?.[1];
}
