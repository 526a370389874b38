import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulatedGerrit } from '../world/gerrit-under-test.ts';
import type { GerritUnderTest } from '../world/gerrit-under-test.ts';
import { chainStories } from './chain-stories.ts';
import { intakeStories } from './intake-stories.ts';

intakeStories('the simulated Gerrit', start);
chainStories('the simulated Gerrit', start);

async function start(): Promise<GerritUnderTest> {
  const directory = await mkdtemp(join(tmpdir(), 'sidegate-gerrit-'));
  const gerrit = await startSimulatedGerrit(directory);
  return {
    ...gerrit,
    stop: async () => {
      await gerrit.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
