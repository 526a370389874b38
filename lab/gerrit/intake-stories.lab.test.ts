import { describe } from 'vitest';
import { chainStories } from '../../test/story/gerrit/chain-stories.ts';
import { intakeStories } from '../../test/story/gerrit/intake-stories.ts';
import { labGerrit } from './lab-gerrit.ts';
import type { RealGerrit } from './start-gerrit.ts';

const lab = labGerrit();

describe.skipIf(!lab)('intake', () => {
  // `lab/run.ts` ends it: other tests come after these.
  const start = async () => ({ ...(lab as RealGerrit), stop: async () => {} });
  intakeStories('a real Gerrit', start);
  chainStories('a real Gerrit', start);
});
