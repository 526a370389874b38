import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulatedCloud } from '../world/cloud-under-test.ts';
import type { CloudUnderTest } from '../world/cloud-under-test.ts';

/** A simulated cloud in a folder of its own. */
export async function startOwnCloud(): Promise<CloudUnderTest> {
  const directory = await mkdtemp(join(tmpdir(), 'sidegate-cloud-'));
  const cloud = await startSimulatedCloud({ directory, bootDelay: 300, instances: 10 });
  const stop = async () => {
    await cloud.stop();
    await rm(directory, { recursive: true, force: true });
  };
  return { ...cloud, stop };
}
