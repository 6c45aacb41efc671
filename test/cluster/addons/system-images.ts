import { join } from 'node:path';
import type { ScratchImageSpec } from '../../images/scratch-spec.ts';

const tag = (name: string): string => `localhost/whatsapp-operator/${name}:cluster`;

/** Holds a pod's namespaces. */
export const pauseImage = tag('pause');
export const corednsImage = tag('coredns');
/** A shell for the pod that makes and removes volumes. */
export const busyboxImage = tag('busybox');

/** The images that the cluster itself needs: static programs on nothing, none from a registry. */
export const systemImages = (binDir: string): readonly ScratchImageSpec[] => [
  {
    tag: pauseImage,
    files: [{ source: '/usr/bin/catatonit', target: '/pause', mode: 0o755 }],
    entrypoint: ['/pause', '-P'],
    user: '65535:65535',
  },
  {
    tag: corednsImage,
    files: [{ source: join(binDir, 'coredns'), target: '/coredns', mode: 0o755 }],
    entrypoint: ['/coredns'],
    user: '65532:65532',
  },
  {
    tag: busyboxImage,
    files: [{ source: '/bin/busybox', target: '/bin/busybox', mode: 0o755 }],
    links: [{ target: '/bin/sh', to: 'busybox' }],
    entrypoint: ['/bin/sh'],
  },
];
