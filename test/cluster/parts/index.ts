import type { Cluster } from '../cluster.ts';
import { containerd } from './containerd.ts';
import { apiserver, controllerManager, etcd, scheduler } from './control-plane.ts';
import { kwok } from './kwok.ts';
import { kubelet, netpol, proxy } from './node-agents.ts';
import type { Part, PartBuilder, PartName } from './part.ts';
import { provisioner } from './storage.ts';

const builders: Readonly<Record<PartName, PartBuilder>> = {
  containerd,
  etcd,
  apiserver,
  'controller-manager': controllerManager,
  scheduler,
  kubelet,
  proxy,
  netpol,
  provisioner,
  kwok,
};

/** The description of one part of a cluster. */
export const partOf = (cluster: Cluster, name: PartName): Part => builders[name](cluster);
