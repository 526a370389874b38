import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noticesOf } from '../../test/story/cloud/cloud-stage.ts';
import { foreign, isLab, openZvmStage, patience } from './stage.ts';
import type { ZvmStage } from './stage.ts';

describe.skipIf(!isLab)(
  'two workers that fail in the same way at the same time, all connections to Feilong encrypted',
  () => {
    let stage: ZvmStage;

    beforeAll(async () => {
      stage = await openZvmStage({
        backends: [{ name: 'lpar1', kind: 'shared', release: 'pypi', prefixes: ['ZA0', 'ZB0'] }],
        attempts: 1,
        isSecured: true,
      });
      await stage.world.startSidegate();
    });
    afterAll(() => stage.close());

    test('the lab is blamed, and no patch', { timeout: 2 * patience }, async () => {
      const changes = [await stage.propose('breaking', 'dev'), await stage.propose('breaking', 'admin')];

      const views = await Promise.all(changes.map(stage.voted));
      const builds = (await Promise.all(changes.map(stage.builds))).flat();

      expect(views.map(({ verified }) => verified)).toEqual([0, 0]);
      expect(builds.map(({ result, error_code: code }) => [result, code])).toEqual([
        ['NODE_FAILURE', 'lab-wide'],
        ['NODE_FAILURE', 'lab-wide'],
      ]);
      expect((await noticesOf(stage.world)).map(({ code }) => code)).toContain('lab-wide');
      for (const build of builds) expect(await stage.log(build, 'job-output.txt')).toContain('z/VM at https://');
      expect(await stage.cleaned()).toEqual([foreign]);
    });
  },
);
