import type { KubernetesObject } from '@kubernetes/client-node';
import type { Cluster } from '../cluster.ts';
import { busyboxImage } from './system-images.ts';

/** Where the provisioner and its helper pods live. */
export const storageNamespace = 'local-path-storage';
/** ConfigMap with the scripts below; the provisioner mounts it into its helper pods. */
export const storageConfigMap = 'local-path-config';
export const storageServiceAccount = 'local-path-provisioner';

/** The provisioner's own configuration: volumes lie below one folder. */
export const provisionerConfig = (cluster: Cluster): string =>
  JSON.stringify({
    nodePathMap: [{ node: 'DEFAULT_PATH_FOR_NON_LISTED_NODES', paths: [cluster.paths.volumes] }],
  });

/**
 * A volume is a filesystem of the claimed size in a file beside its folder, so that a full volume is really
 * full and only that one. The helper pod shares the node's process ids and does the work in the mount
 * namespace of the node's first process.
 */
const setupScript = `#!/bin/sh
set -eu
exec busybox nsenter -t 1 -m -- /bin/sh -eu -c '
  dir=$1 image=$1.img
  mkdir -p "$dir"
  mountpoint -q "$dir" && exit 0
  rm -f "$image"
  truncate -s "$2" "$image"
  mkfs.ext4 -q -m 0 "$image"
  mount -o loop "$image" "$dir"
  rmdir "$dir/lost+found"
  chmod 0777 "$dir"
' setup "$VOL_DIR" "$VOL_SIZE_BYTES"
`;

const teardownScript = `#!/bin/sh
set -eu
exec busybox nsenter -t 1 -m -- /bin/sh -eu -c '
  dir=$1
  if mountpoint -q "$dir"; then umount "$dir"; fi
  rm -rf --one-file-system "$dir" "$dir.img"
' teardown "$VOL_DIR"
`;

/** On a machine without loop devices a volume is a folder without a limit of its own. */
const plainSetupScript = `#!/bin/sh
set -eu
busybox mkdir -m 0777 -p "$VOL_DIR"
`;

const plainTeardownScript = `#!/bin/sh
set -eu
busybox rm -rf "$VOL_DIR"
`;

const helperPod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'helper-pod' },
  spec: {
    hostPID: true,
    automountServiceAccountToken: false,
    tolerations: [{ operator: 'Exists' }],
    containers: [
      {
        name: 'helper-pod',
        image: busyboxImage,
        imagePullPolicy: 'Never',
        securityContext: { privileged: true },
      },
    ],
  },
};

/** The default StorageClass and what its provisioner needs. */
export const storageObjects = (cluster: Cluster, hasLoopDevices: boolean): readonly KubernetesObject[] => [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: storageNamespace } },
  {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: storageServiceAccount, namespace: storageNamespace },
  },
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: {
      name: 'local-path',
      annotations: {
        'storageclass.kubernetes.io/is-default-class': 'true',
        // fsGroup applies to volumes of type local, not to those of type hostPath.
        defaultVolumeType: 'local',
      },
    },
    provisioner: 'rancher.io/local-path',
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'WaitForFirstConsumer',
  } as KubernetesObject,
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: storageConfigMap, namespace: storageNamespace },
    data: {
      'config.json': provisionerConfig(cluster),
      setup: hasLoopDevices ? setupScript : plainSetupScript,
      teardown: hasLoopDevices ? teardownScript : plainTeardownScript,
      'helperPod.yaml': JSON.stringify(helperPod),
    },
  } as KubernetesObject,
];
