import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { errorText } from '../domain/errors.ts';
import type { Finding } from '../domain/finding.ts';
import type { GuardSettings } from '../domain/settings.ts';

const what = 'guard’s address';

/** Whether guards can listen where workers will look for them, and answer there. `meanwhile` is asked while such a port is open, with nothing behind it. */
export async function checkGuard(
  guard: GuardSettings,
  meanwhile: (port: number) => Promise<readonly Finding[]> = async () => [],
): Promise<readonly Finding[]> {
  const server = createServer((socket) => socket.destroy());
  try {
    // Listening there works, on every address; workers would be told to connect to it.
    if (/^[0:.]+$/.test(guard.address)) throw Object.assign(new Error(), { code: 'every' });
    const port = await listen(server, guard);
    await reach(guard.address, port);
    const found: Finding = { ok: true, what, detail: `${guard.address} is one of this machine`, todo: '' };
    return [found, ...(await meanwhile(port))];
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    const detail = `${guard.address}: ${whyNot[code] ?? errorText(error)}`;
    return [{ ok: false, what, detail, todo: 'Give an address of this machine that test servers reach.' }];
  } finally {
    server.close();
  }
}

const whyNot: Readonly<Record<string, string>> = {
  EADDRNOTAVAIL: 'no address of this machine',
  EADDRINUSE: 'all ports given for guards are in use',
  ECONNREFUSED: 'listened there, and was refused a connection to it',
  every: 'stands for every address, not for one that test servers can connect to',
};

async function reach(address: string, port: number): Promise<void> {
  const socket = connect({ host: address, port, timeout: 5_000 });
  socket.once('timeout', () => socket.destroy(new Error('listened there, and could not connect to it within 5 s')));
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}

/** The first of the configured ports that is free: those of running guards are not. */
async function listen(server: Server, { address, ports }: GuardSettings): Promise<number> {
  const { first, last } = ports ?? { first: 0, last: 0 };
  for (let port = first; ; port += 1) {
    try {
      server.listen(port, address);
      await once(server, 'listening');
      return (server.address() as AddressInfo).port;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || port >= last) throw error;
    }
  }
}
