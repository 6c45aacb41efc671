/** Of the package; the build puts it in. */
declare const WA_VERSION: string | undefined;
export const VERSION: string = typeof WA_VERSION === 'string' ? WA_VERSION : '0.0.0-source';
