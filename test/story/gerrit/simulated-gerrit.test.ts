import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulatedGerrit } from '../world/gerrit-under-test.ts';
import { faultStories } from './fault-stories.ts';
import { gerritStories } from './gerrit-stories.ts';

gerritStories(
  'the simulated Gerrit',
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'sidegate-gerrit-'));
    const gerrit = await startSimulatedGerrit(directory);
    return {
      ...gerrit,
      stop: async () => {
        await gerrit.stop();
        await rm(directory, { recursive: true, force: true });
      },
    };
  },
  faultStories,
);
