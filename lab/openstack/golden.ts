import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { installedVersions } from './packages.ts';
import { runSql } from './databases.ts';
import { keptParts } from './place.ts';
import type { Compute, Place } from './place.ts';
import { computeHostsOf } from './configuration.ts';
import { findProcesses, signalAll } from './processes.ts';

const DAY = 24 * 3_600_000;

/** Where the provisioned databases, keys and images of this recipe and these packages are kept between runs. */
export async function goldenFolder(compute: Compute): Promise<string> {
  const hash = createHash('sha256');
  hash.update(computeHostsOf({ compute }).join('\n'));
  hash.update((await installedVersions()).join('\n'));
  for (const file of ['configuration.ts', 'databases.ts', 'golden.ts', 'provision.ts', 'services.ts'])
    hash.update(readFileSync(join(import.meta.dirname, file)));
  return join(cacheFolder(), `golden-${hash.digest('hex').slice(0, 12)}`);
}

function cacheFolder(): string {
  const base = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(base, 'sidegate-lab', 'openstack');
}

/** Puts the kept parts below `root`; false when there are none. */
export async function restoreGolden(golden: string, root: string): Promise<boolean> {
  if (!existsSync(golden)) return false;
  for (const part of keptParts) await cp(join(golden, part), join(root, part), { recursive: true });
  return true;
}

/** Keeps the parts of a running cloud. While MariaDB is stopped its files are as after a crash, from which it recovers. */
export async function keepGolden(golden: string, place: Place): Promise<void> {
  const { root } = place;
  await mkdir(cacheFolder(), { recursive: true });
  const work = await mkdtemp(join(cacheFolder(), 'making-'));
  const database = findProcesses(root, 'mariadb');
  try {
    await writeOutLog(place);
    signalAll(database, 'SIGSTOP');
    for (const part of keptParts) await cp(join(root, part), join(work, part), { recursive: true, filter: isKept });
    await rename(work, golden).catch((error: unknown) => {
      if (!existsSync(golden)) throw error;
    });
  } finally {
    signalAll(database, 'SIGCONT');
    await rm(work, { recursive: true, force: true });
  }
  await removeOld(basename(golden));
}

/**
 * Commits of the last second are in memory only, and among them are the provisioning's last ones: a commit that does not wait for that second
 * writes them out with its own.
 */
async function writeOutLog(place: Place): Promise<void> {
  const commit =
    'CREATE TABLE nova.kept (id INT) ENGINE=InnoDB; INSERT INTO nova.kept VALUES (1); DROP TABLE nova.kept;';
  await runSql(place, `SET GLOBAL innodb_flush_log_at_trx_commit = 1; ${commit}`);
}

function isKept(path: string): boolean {
  return !['ibtmp1', 'mysql.sock', 'mysql.pid'].includes(basename(path));
}

/** Made by a recipe that has changed since; one of today may be of another checkout. */
async function removeOld(current: string): Promise<void> {
  for (const name of await readdir(cacheFolder())) {
    if (name === current) continue;
    const path = join(cacheFolder(), name);
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > DAY) await rm(path, { recursive: true, force: true });
  }
}
