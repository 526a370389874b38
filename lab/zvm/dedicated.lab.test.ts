import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { foreign, isLab, openZvmStage, patience } from './stage.ts';
import type { ZvmStage } from './stage.ts';

describe.skipIf(!isLab)('two changes on two z/VMs that have one worker each', () => {
  let stage: ZvmStage;

  beforeAll(async () => {
    stage = await openZvmStage({
      backends: [
        { name: 'lpar1', kind: 'dedicated', release: 'debian', prefixes: ['ZA0'] },
        { name: 'lpar2', kind: 'dedicated', release: 'pypi', prefixes: ['ZB0'] },
      ],
    });
    await stage.world.startSidegate();
  });
  afterAll(() => stage.close());

  test(
    'each is tested on a z/VM of its own, one with the old Feilong and one with the new',
    { timeout: 2 * patience },
    async () => {
      const pushed = [await stage.propose('harmless'), await stage.propose('harmless')];

      const votes = await Promise.all(pushed.map(stage.voted));
      const builds = (await Promise.all(pushed.map(stage.builds))).flat();

      expect(votes.map(({ verified }) => verified)).toEqual([1, 1]);
      expect(builds.map(({ backend }) => backend).toSorted()).toEqual(['lpar1', 'lpar2']);
      for (const [index, prefix] of ['ZA0', 'ZB0'].entries()) {
        const calls = await stage.feilongs[index]!.zvm.calls();
        const activated = calls.flatMap((call) => /Image_Activate .*-T (\w+)/.exec(call)?.[1] ?? []);
        expect(activated).not.toEqual([]);
        expect(activated.filter((userid) => !userid.startsWith(prefix))).toEqual([]);
      }
      expect(await stage.cleaned()).toEqual([foreign, foreign]);
    },
  );
});
