import { describe } from 'vitest';
import { gerritStories } from '../../test/story/gerrit/gerrit-stories.ts';
import { longHangStories } from '../../test/story/gerrit/hang-stories.ts';
import { labGerrit } from './lab-gerrit.ts';
import type { RealGerrit } from './start-gerrit.ts';

const lab = labGerrit();

describe.skipIf(!lab)('stories', () => {
  gerritStories('a real Gerrit', async () => staysUp(lab as RealGerrit), longHangStories);
});

/** `lab/run.ts` ends it: other tests come after these. */
function staysUp(gerrit: RealGerrit): RealGerrit {
  return { ...gerrit, stop: async () => {} };
}
