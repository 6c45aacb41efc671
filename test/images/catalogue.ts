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
  /** Values for the Dockerfile's ARGs that differ from its own. */
  readonly buildArguments: Readonly<Record<string, string>>;
  /** What it is for, in a few words. */
  readonly purpose: string;
};

/** Where images of the local build are said to come from; IMAGE_REGISTRY takes its place for other clusters. */
export const LOCAL_REGISTRY = 'localhost/whatsapp-operator';

/** Every image of the project: one row each. */
export const CATALOGUE: readonly CatalogueImage[] = [
  row('probe', 'probe:dev', 'test/probe', 'workload of the cluster tests'),
  row('sandbox', 'whatsapp-sandbox:dev', 'sandbox', 'simulated WhatsApp side', {
    prepare: 'sandbox/src/bundle.ts',
  }),
  row('operator', 'whatsapp-operator:dev', 'operator', 'controller of WhatsAppSession resources', {
    prepare: 'operator/src/bundle.ts',
  }),
  row('session', 'whatsapp-session:dev', 'session-pod', 'one session, with chromium-headless-shell', {
    prepare: 'session-pod/src/bundle.ts',
  }),
  row(
    'session-chromium',
    'whatsapp-session:dev-chromium',
    'session-pod',
    'one session, with all of Chromium',
    {
      prepare: 'session-pod/src/bundle.ts',
      buildArguments: { FLAVOR: 'Chromium' },
    },
  ),
];

function row(
  name: string,
  repositoryAndTag: string,
  context: string,
  purpose: string,
  { prepare, buildArguments = {} }: Partial<Pick<CatalogueImage, 'prepare' | 'buildArguments'>> = {},
): CatalogueImage {
  const tag = `${LOCAL_REGISTRY}/${repositoryAndTag}`;
  return { name, tag, context, dockerfile: `${context}/Dockerfile`, prepare, buildArguments, purpose };
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
