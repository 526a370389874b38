import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { RemoteHost } from '../../../ports/remote-jobs.ts';

/** Stands between sidegate and a host, and can break every connection. */
export interface CutProxy {
  readonly host: RemoteHost;
  cut(): void;
  close(): Promise<void>;
}

export async function startCutProxy(host: RemoteHost): Promise<CutProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = createConnection(host.port, host.address);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    host: { ...host, address: '127.0.0.1', port: (server.address() as AddressInfo).port },
    cut,
    close: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
