import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import type { Finding } from '../domain/finding.ts';
import type { GuardSettings } from '../domain/settings.ts';

const what = 'guard’s address';

/** Whether guards can listen where workers will look for them. `meanwhile` is asked while such a port is open, with nothing behind it. */
export async function checkGuard(
  guard: GuardSettings,
  meanwhile: (port: number) => Promise<readonly Finding[]> = async () => [],
): Promise<readonly Finding[]> {
  const server = createServer((socket) => socket.destroy());
  try {
    const port = await listen(server, guard);
    const found: Finding = { ok: true, what, detail: `${guard.address} is one of this machine`, todo: '' };
    return [found, ...(await meanwhile(port))];
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    const detail = `${guard.address}: ${whyNot[code] ?? String(error)}`;
    return [{ ok: false, what, detail, todo: 'Give an address of this machine that test servers reach.' }];
  } finally {
    server.close();
  }
}

const whyNot: Readonly<Record<string, string>> = {
  EADDRNOTAVAIL: 'no address of this machine',
  EADDRINUSE: 'all ports given for guards are in use',
};

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
