import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { imageStories } from './cloud/image-stories.ts';
import { startSimulatedCloud } from './world/cloud-under-test.ts';
import type { CloudUnderTest } from './world/cloud-under-test.ts';

describe('the simulated cloud', () => {
  let directory: string;
  let cloud: CloudUnderTest | undefined;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sidegate-images-'));
    cloud = await startSimulatedCloud({ directory, bootDelay: 300, instances: 10 });
  });
  afterAll(async () => {
    await cloud?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  imageStories(() => cloud!);
});
