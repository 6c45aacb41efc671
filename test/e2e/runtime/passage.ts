import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** The way from a client to a server, which counts connections and can be closed for a while. */
export interface Passage {
  readonly port: number;
  /** Accepted so far. */
  readonly connections: () => number;
  /** Most that were open at one time. */
  readonly mostOpen: () => number;
  /** Breaks what is open and refuses what comes, until `open`. */
  cut(): void;
  open(): void;
  close(): Promise<void>;
}

export async function startPassage(target: {
  readonly host: string;
  readonly port: number;
}): Promise<Passage> {
  const sockets = new Set<Socket>();
  let connections = 0;
  let nowOpen = 0;
  let mostOpen = 0;
  let isOpen = true;
  const server = createServer((near) => {
    if (!isOpen) {
      near.resetAndDestroy();
      return;
    }
    connections += 1;
    nowOpen += 1;
    mostOpen = Math.max(mostOpen, nowOpen);
    near.once('close', () => {
      nowOpen -= 1;
    });
    const far = connect(target);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    isOpen = false;
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    mostOpen: () => mostOpen,
    cut,
    open: () => {
      isOpen = true;
    },
    close: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
