import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAccountKeys } from './accounts.ts';
import { installationIn, killDaemon, startDaemon, stopDaemon } from './daemon.ts';
import { freePorts } from './free-ports.ts';
import type { Java } from './java.ts';
import { seedGerrit } from './seed.ts';
import { configureIndexCommit, configurePorts, initSite } from './site.ts';
import { cacheFolder } from './war.ts';

/** Puts a seeded site below `root`: a copy of the golden one in the cache, which is made the first time. */
export async function restoreGolden(root: string, java: Java, war: string): Promise<void> {
  const golden = join(cacheFolder(java.gerrit), `golden-${recipeHash()}`);
  if (!existsSync(golden)) await makeGolden(golden, java, war);
  for (const part of ['site', 'keys']) await cp(join(golden, part), join(root, part), { recursive: true });
}

async function makeGolden(golden: string, java: Java, war: string): Promise<void> {
  const work = await mkdtemp(join(cacheFolder(java.gerrit), 'making-'));
  const installation = installationIn(work);
  const ports = await freePorts();
  try {
    await initSite(installation, java, war);
    await configurePorts(installation, ports);
    // Gerrit's default leaves the index of a new site on disk only after minutes.
    await configureIndexCommit(installation, '1 second');
    await writeAccountKeys(installation.keys);
    await startDaemon(installation, java, war);
    await seedGerrit(`http://127.0.0.1:${ports.http}`, installation.keys);
    await stopDaemon(installation);
    await rm(join(work, 'tmp'), { recursive: true, force: true });
    await rename(work, golden).catch((error: unknown) => {
      if (!existsSync(golden)) throw error;
    });
  } finally {
    await killDaemon(installation);
    await rm(work, { recursive: true, force: true });
  }
}

/** A golden site is made anew when what made it has changed. */
function recipeHash(): string {
  const hash = createHash('sha256');
  for (const file of ['accounts.ts', 'seed.ts', 'site.ts']) hash.update(readFileSync(join(import.meta.dirname, file)));
  return hash.digest('hex').slice(0, 12);
}
