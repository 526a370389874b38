import type { Server } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Server as SocketServer } from 'node:net';

type AnyServer = Server | SocketServer;

/** Holds the SSH port for the servers to come, which use other addresses. */
const reservedAddress = '127.77.0.1';

export function reservePort(port: number): Promise<SocketServer> {
  return listenAt(
    createServer((socket) => socket.destroy()),
    port,
    reservedAddress,
  );
}

/** A name in the kernel: it goes with the process, however that ends. */
export async function lock(mark: string): Promise<() => Promise<void>> {
  const server = createServer();
  try {
    await listenAt(server, `\0simulated-openstack-${mark}`);
  } catch (error) {
    throw new Error('another OpenStack simulator is using this directory', { cause: error });
  }
  return () => close(server);
}

export function listenAt<Kind extends AnyServer>(server: Kind, where: number | string, host?: string): Promise<Kind> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const done = () => {
      server.removeListener('error', reject);
      resolve(server);
    };
    if (typeof where === 'string') server.listen(where, done);
    else server.listen(where, host, done);
  });
}

export function portOf(server: AnyServer): number {
  return (server.address() as AddressInfo).port;
}

export function close(server: AnyServer): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

export function closeApi(api: Server): Promise<void> {
  const closed = close(api);
  api.closeAllConnections();
  return closed;
}
