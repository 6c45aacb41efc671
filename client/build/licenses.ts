import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The licenses of the packages that a bundle contains, which they ask to be passed on with it. */

/** @param inputs paths of the bundled modules */
export async function bundledLicenses(inputs: readonly string[]): Promise<string> {
  const folders = new Set(
    inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []),
  );
  const parts = await Promise.all([...folders].sort().map(licenseOf));
  return parts.join(`\n${'-'.repeat(78)}\n\n`);
}

interface PackageFile {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

/** @throws Error when a package says nothing about its license: then it cannot be passed on */
async function licenseOf(folder: string): Promise<string> {
  const { name, version, license } = JSON.parse(
    await readFile(join(folder, 'package.json'), 'utf8'),
  ) as PackageFile;
  const file = (await readdir(folder)).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  if (license === undefined && file === undefined) throw new Error(`${name} has no license`);
  const text = file === undefined ? '' : `\n${await readFile(join(folder, file), 'utf8')}`;
  return `${name} ${version}: ${license ?? 'see below'}\n${text}`;
}
