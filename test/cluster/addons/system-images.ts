import { join } from 'node:path';
import type { ScratchImageSpec } from '../../images/scratch-spec.ts';
import * as stock from '../../images/stock-images.ts';

const tag = (name: string): string => `localhost/whatsapp-operator/${name}:cluster`;

/** Holds a pod's namespaces. */
export const pauseImage = tag('pause');
export const corednsImage = tag('coredns');
/** A shell for the pod that makes and removes volumes. */
export const busyboxImage = tag('busybox');

/**
 * The images that the cluster itself needs: static programs on nothing, none from a registry. Throws
 * `IMAGES_MISSING_TOOLS` when busybox is not installed.
 */
export const systemImages = async (binDir: string): Promise<readonly ScratchImageSpec[]> => [
  stock.pauseImage(pauseImage),
  {
    tag: corednsImage,
    files: [{ source: join(binDir, 'coredns'), target: '/coredns', mode: 0o755 }],
    entrypoint: ['/coredns'],
    user: '65532:65532',
  },
  await stock.busyboxImage(busyboxImage),
];
