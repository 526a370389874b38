import { mkdirSync } from 'node:fs';
import type { AddressInfo, Server } from 'node:net';
import { EventHub } from './events/hub.ts';
import { Faults } from './faults.ts';
import { now } from './gerrit.ts';
import type { Gerrit } from './gerrit.ts';
import { Repositories } from './git/repositories.ts';
import { createHttpServer } from './http-server.ts';
import { createSshServer, settleHostKey } from './ssh/server.ts';
import { Directory } from './state/accounts.ts';
import { settleSeed } from './state/seed.ts';
import type { SeedInput } from './state/seed.ts';
import { ChangeStore } from './state/store.ts';

export type { SeedInput } from './state/seed.ts';
export type { FaultsInput } from './faults.ts';

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
  const seed = settleSeed(directory, options.seed);
  const accounts = new Directory(directory, seed, now());
  const repositories = new Repositories(directory);
  await repositories.settle(seed.projects);
  const store = new ChangeStore(directory);
  const hub = new EventHub((account, change) => accounts.mayRead(account, change));
  const faults = new Faults((how) => hub.closeAll(how));
  const gerrit: Gerrit = { store, directory: accounts, repositories, hub, faults, url: '' };

  const hostKey = settleHostKey(directory);
  const http = createHttpServer(gerrit);
  const ssh = createSshServer(gerrit, hostKey);
  const httpPort = await listen(http, options.httpPort ?? 0);
  gerrit.url = `http://127.0.0.1:${httpPort}`;
  const sshPort = await listen(ssh.server as unknown as Server, options.sshPort ?? 0).catch(async (error: unknown) => {
    await stop(http);
    throw error;
  });

  const close = async () => {
    ssh.dropAll();
    http.closeAllConnections();
    await Promise.all([stop(http), stop(ssh.server as unknown as Server)]);
    store.close();
  };
  return { url: gerrit.url, sshPort, hostKey: hostKey.publicKey, close };
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

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
