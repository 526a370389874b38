import { existsSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { removeBridges } from './bridge.ts';
import { allParts, isRun } from './place.ts';
import { killProcesses } from './processes.ts';

/**
 * Ends everything of the cloud in this folder, whoever started it: processes, servers, network. The logs stay. With `run`, only if it
 * is still this start of it.
 */
export async function stopOpenstack(folder: string, run?: string): Promise<void> {
  if (!existsSync(folder)) return;
  const root = realpathSync(folder);
  if (run !== undefined && !isRun(root, run)) return;
  await killProcesses(root);
  await removeBridges(root);
}

/** Removes what it left on disk. */
export async function wipe(root: string): Promise<void> {
  for (const part of allParts) await rm(join(root, part), { recursive: true, force: true });
}
