import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulatedCloud } from '../world/cloud-under-test.ts';
import { cloudStories } from './cloud-stories.ts';

cloudStories('the simulated cloud', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'sidegate-cloud-'));
  const cloud = await startSimulatedCloud({ directory, bootDelay: 300, instances: 10 });
  return {
    ...cloud,
    stop: async () => {
      await cloud.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
});
