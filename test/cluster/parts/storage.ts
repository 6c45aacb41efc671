import { join } from 'node:path';
import {
  provisionerConfig,
  storageConfigMap,
  storageNamespace,
  storageServiceAccount,
} from '../addons/storage.ts';
import { busyboxImage } from '../addons/system-images.ts';
import type { Cluster } from '../cluster.ts';
import { partKubeconfig } from '../control/kubeconfig.ts';
import { flags, type Part } from './part.ts';

/** Makes a volume for every claim on the default StorageClass, in helper pods. */
export function provisioner(cluster: Cluster): Part {
  const config = join(cluster.paths.conf, 'local-path.json');
  return {
    name: 'provisioner',
    argv: [
      'local-path-provisioner',
      'start',
      ...flags({
        config,
        kubeconfig: partKubeconfig(cluster, 'admin'),
        namespace: storageNamespace,
        'configmap-name': storageConfigMap,
        'helper-image': busyboxImage,
        'service-account-name': storageServiceAccount,
      }),
    ],
    files: { [config]: provisionerConfig(cluster) },
    health: { kind: 'process' },
    graceMs: 2000,
  };
}
