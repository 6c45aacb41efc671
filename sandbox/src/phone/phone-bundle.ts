import { fileURLToPath } from 'node:url';

/** What the page's document loads. */
export interface PhoneFiles {
  readonly script: string;
  readonly style: string;
}

/** Put in by bundle.ts; from sources there is no such constant. */
declare const BUNDLED_PHONE_FILES: PhoneFiles | undefined;

/** The page's program and style: those built in, or bundled now from sandbox/phone. */
export async function buildPhoneFiles(): Promise<PhoneFiles> {
  if (typeof BUNDLED_PHONE_FILES === 'object') return BUNDLED_PHONE_FILES;
  // Not at the top: the image has no esbuild and needs none.
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../../phone/main.tsx', import.meta.url))],
    outdir: 'phone',
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    target: 'chrome125',
    charset: 'utf8',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'silent',
  });
  const textOf = (ending: string) => outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? '';
  return { script: textOf('.js'), style: textOf('.css') };
}
