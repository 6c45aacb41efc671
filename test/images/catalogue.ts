import { resolve } from 'node:path';
import { ImageError } from './errors.ts';

/** The root of the checkout. */
export const REPOSITORY: string = resolve(import.meta.dirname, '../..');

/** An image of the project. */
export type CatalogueImage = {
  /** Short name, as people type it. */
  readonly name: string;
  /** Full name of the image that is built from the working tree. */
  readonly tag: string;
  /** Folder that the Dockerfile copies from, relative to the root of the checkout. */
  readonly context: string;
  /** The Dockerfile, relative to the root of the checkout. */
  readonly dockerfile: string;
  /** A program that puts what the Dockerfile copies into its folder, relative to the root of the checkout. */
  readonly prepare: string | undefined;
  /** What it is for, in a few words. */
  readonly purpose: string;
};

/** Every image of the project: one row each. */
export const CATALOGUE: readonly CatalogueImage[] = [
  row('probe', 'test/probe', 'workload of the cluster tests'),
  row('sandbox', 'sandbox', 'simulated WhatsApp side', 'sandbox/src/bundle.ts'),
];

function row(name: string, context: string, purpose: string, prepare?: string): CatalogueImage {
  const tag = `localhost/whatsapp-operator/${name}:dev`;
  return { name, tag, context, dockerfile: `${context}/Dockerfile`, prepare, purpose };
}

/**
 * The rows of the given names in the order of the catalogue, all of them when no name is given.
 *
 * @throws ImageError `IMAGES_UNKNOWN_NAME` naming every unknown name at once.
 */
export function chooseImages(names: readonly string[]): readonly CatalogueImage[] {
  const known = CATALOGUE.map((image) => image.name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new ImageError(
      'IMAGES_UNKNOWN_NAME',
      `no image named ${unknown.join(', ')}; there are: ${known.join(', ')}`,
    );
  }
  return CATALOGUE.filter((image) => names.length === 0 || names.includes(image.name));
}
