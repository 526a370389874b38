import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { accountNames, seededAccounts } from './accounts.ts';
import type { AccountName } from './accounts.ts';
import { installationIn, killDaemon, signalDaemon, startDaemon, stopDaemon } from './daemon.ts';
import { freePorts } from './free-ports.ts';
import { restoreGolden } from './golden.ts';
import { findJava } from './java.ts';
import type { Java } from './java.ts';
import { configureIndexCommit, configurePorts } from './site.ts';
import { ensureWar } from './war.ts';

export interface LabAccount {
  readonly username: string;
  readonly password: string;
  readonly privateKeyFile: string;
}

/** What another process needs to use and steer a running Gerrit; plain JSON. */
export interface GerritAddress {
  readonly root: string;
  readonly url: string;
  readonly sshPort: number;
  /** `TYPE BASE64`. */
  readonly hostKey: string;
  readonly accounts: Readonly<Record<AccountName, LabAccount>>;
  readonly java: Java;
  readonly war: string;
}

export interface RealGerrit extends GerritAddress {
  /** Ends it with SIGTERM; its folder stays. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** SIGSTOP: connections stay open, nothing answers. */
  pause(): void;
  resume(): void;
  /** Ends it if it runs, and starts it on the same ports. */
  restart(): Promise<void>;
}

export interface GerritOptions {
  /** Empty or new folder for the site. */
  readonly root: string;
  readonly httpPort?: number;
  readonly sshPort?: number;
  /** How often the search index goes to disk; `default` is Gerrit's own five minutes. */
  readonly indexCommit?: string;
}

/** A seeded real Gerrit on loopback, ready to be used. */
export async function startGerrit(options: GerritOptions): Promise<RealGerrit> {
  const java = findJava();
  const war = await ensureWar(java);
  const installation = installationIn(options.root);
  await mkdir(options.root, { recursive: true });
  await stopDaemon(installation);
  for (const part of [installation.site, installation.keys]) await rm(part, { recursive: true, force: true });
  await restoreGolden(options.root, java, war);

  const free = await freePorts();
  const ports = { http: options.httpPort ?? free.http, ssh: options.sshPort ?? free.ssh };
  await configurePorts(installation, ports);
  await configureIndexCommit(installation, options.indexCommit ?? '1 second');
  await startDaemon(installation, java, war);

  const [type, key] = (await readFile(join(installation.site, 'etc/ssh_host_ed25519_key.pub'), 'utf8')).split(' ');
  return attachGerrit({
    root: options.root,
    url: `http://127.0.0.1:${ports.http}`,
    sshPort: ports.ssh,
    hostKey: `${type} ${key?.trim()}`,
    accounts: labAccounts(installation.keys),
    java,
    war,
  });
}

/** Steers a Gerrit that another process has started. */
export function attachGerrit(address: GerritAddress): RealGerrit {
  const installation = installationIn(address.root);
  return {
    ...address,
    stop: () => stopDaemon(installation),
    kill: () => killDaemon(installation),
    pause: () => signalDaemon(installation, 'SIGSTOP'),
    resume: () => signalDaemon(installation, 'SIGCONT'),
    async restart() {
      await stopDaemon(installation);
      await startDaemon(installation, address.java, address.war);
    },
  };
}

function labAccounts(keys: string): Record<AccountName, LabAccount> {
  const accounts = accountNames.map((username) => {
    const { password } = seededAccounts[username];
    return [username, { username, password, privateKeyFile: join(keys, username) }];
  });
  return Object.fromEntries(accounts) as Record<AccountName, LabAccount>;
}
