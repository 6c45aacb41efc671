import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { PortForward } from '@kubernetes/client-node';
import type { TestNamespace } from './namespace.ts';

/** Where the pod is. */
export type ForwardedNamespace = Pick<TestNamespace, 'name'> & {
  readonly target: Pick<TestNamespace['target'], 'kubeConfig'>;
};

/** A port of this machine that leads to a port of a pod, as `kubectl port-forward` makes it. */
export interface Forwarded {
  readonly port: number;
  /** Cuts the connections that are open: they do not notice by themselves that their pod is gone. */
  readonly cut: () => void;
  readonly close: () => Promise<void>;
}

/** Forwards a free port of the loopback to a pod; each connection asks for the pod anew. */
export async function forwardPort(
  namespace: ForwardedNamespace,
  pod: () => Promise<string>,
  podPort: number,
): Promise<Forwarded> {
  const forward = new PortForward(namespace.target.kubeConfig);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // The caller's request fails, which says it all.
    socket.on('error', () => socket.destroy());
    pod()
      .then((name) => forward.portForward(namespace.name, name, [podPort], socket, null, socket))
      .catch(() => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    cut,
    port: (server.address() as AddressInfo).port,
    close: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
