import type { ImageRecord } from './record.ts';

/** An image that is ready to be loaded into a cluster (`ctr -n k8s.io images import ARCHIVE`). */
export type BuiltImage = ImageRecord & {
  /** Short name in the catalogue, or the full name of an image that is not in it. */
  readonly name: string;
  /** `built`: the image is another than before; `unchanged`: id and archive are the ones at hand already. */
  readonly outcome: 'built' | 'unchanged';
  /** How long it took. */
  readonly seconds: number;
};
