import { describe } from 'vitest';
import { gerritStories } from '../../test/story/gerrit/gerrit-stories.ts';
import { labGerrit } from './lab-gerrit.ts';
import type { RealGerrit } from './start-gerrit.ts';

const lab = labGerrit();

describe.skipIf(!lab)('stories', () => {
  gerritStories('a real Gerrit', async () => {
    const gerrit = lab as RealGerrit;
    // `lab/run.ts` ends it; other tests come after these.
    return { ...gerrit, stop: async () => {} };
  });
});
