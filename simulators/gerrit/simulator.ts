import { mkdirSync } from 'node:fs';
import type { AddressInfo, Server, Socket } from 'node:net';
import { EventHub } from './events/hub.ts';
import { Faults } from './faults.ts';
import type { Gerrit } from './gerrit.ts';
import { Repositories } from './git/repositories.ts';
import { createHttpServer } from './http-server.ts';
import { createSshServer, settleHostKey } from './ssh/server.ts';
import { Accounts } from './state/accounts.ts';
import { settleSeed } from './state/seed.ts';
import type { SeedInput } from './state/seed.ts';
import { ChangeStore } from './state/store.ts';

export type { SeedInput } from './state/seed.ts';

export interface GerritSimulatorOptions {
  /** Keeps everything; a second start on it goes on where the first ended, however that ended. */
  readonly directory: string;
  /** 0 or nothing takes any free port. */
  readonly httpPort?: number;
  readonly sshPort?: number;
  readonly seed?: SeedInput;
}

export interface GerritSimulator {
  readonly url: string;
  readonly sshPort: number;
  /** `ssh-ed25519 AAAA…`, as for known_hosts. */
  readonly hostKey: string;
  readonly close: () => Promise<void>;
}

/** A small Gerrit on loopback: REST, stream-events and git, with the answers recorded from a real one. */
export async function startGerritSimulator(options: GerritSimulatorOptions): Promise<GerritSimulator> {
  const { directory } = options;
  mkdirSync(directory, { recursive: true });
  const hostKey = settleHostKey(directory);
  const seed = settleSeed(directory, options.seed);
  const accounts = new Accounts(directory, seed, hostKey.madeAt);
  const repositories = new Repositories(directory);
  await repositories.settle(seed.projects);
  const store = new ChangeStore(directory);
  const hub = new EventHub((account, change) => accounts.mayRead(account, change));
  const faults = new Faults((how) => hub.closeAll(how));
  const gerrit: Gerrit = { store, accounts, repositories, hub, faults, url: '' };

  const servers = [createHttpServer(gerrit), createSshServer(gerrit, hostKey)] as const;
  const stoppers = servers.map(stopper);
  const close = async () => {
    await Promise.all(stoppers.map((stop) => stop()));
    store.close();
  };
  try {
    gerrit.url = `http://127.0.0.1:${await listen(servers[0], options.httpPort ?? 0)}`;
    const sshPort = await listen(servers[1], options.sshPort ?? 0);
    return { url: gerrit.url, sshPort, hostKey: hostKey.publicKey, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Cuts every connection: a reader that has stopped reading would hold up a polite end for ever. */
function stopper(server: Server): () => Promise<void> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
}
