import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { feilongTraceFile } from '../../src/domain/log-path.ts';
import { thoroughTests } from './job.ts';
import { foreign, isLab, openZvmStage, patience } from './stage.ts';
import type { BuildView, ZvmStage } from './stage.ts';

describe.skipIf(!isLab)('two changes at once on one shared z/VM', () => {
  let stage: ZvmStage;

  beforeAll(async () => {
    stage = await openZvmStage({
      backends: [{ name: 'lpar1', kind: 'shared', release: 'pypi', prefixes: ['ZA0', 'ZB0'] }],
      tests: thoroughTests,
    });
    await stage.world.startSidegate();
  });
  afterAll(() => stage.close());

  test(
    'the harmless one gets +1; the one that breaks the driver where unit tests do not look gets −1, and its log says why',
    { timeout: 2 * patience },
    async () => {
      const [harmless, breaking] = [await stage.propose('harmless'), await stage.propose('breaking')];

      const [praised, blamed] = await Promise.all([stage.voted(harmless), stage.voted(breaking)]);
      const [good] = await stage.builds(harmless);
      const [bad] = await stage.builds(breaking);

      expect([praised.verified, blamed.verified]).toEqual([1, -1]);
      expect([good?.result, bad?.result]).toEqual(['SUCCESS', 'FAILURE']);
      expect(overlap(good!, bad!)).toBe(true);
      expect(good?.server).not.toBe(bad?.server);
      expect(blamed.comments[0]?.message).toContain('test_delete_active_server');
      expect(await stage.log(bad!, 'unit-tests.txt')).toMatch(/^Ran \d\d tests[^]*^OK$/m);
      expect(await stage.log(bad!, 'logs/nova-compute-a.log')).toMatch(/cfgdrive\.iso: No such file or directory/);
      expect(await stage.log(bad!, 'job-output.txt')).not.toContain('cfgdrive');
      expect(await stage.log(good!, feilongTraceFile)).toMatch(/action start\b.* 200 overallRC 0/);
      expect(await stage.log(bad!, feilongTraceFile)).toMatch(/action deploy\b.* 500 .*cfgdrive\.iso/);
      const made = (await stage.feilongs[0]!.zvm.calls()).filter((call) => call.includes('Image_Create_DM'));
      for (const prefix of ['ZA0', 'ZB0']) expect(made.join()).toContain(`-T ${prefix}`);
      expect(await stage.cleaned()).toEqual([foreign]);
    },
  );
});

function overlap(one: BuildView, other: BuildView): boolean {
  return one.started_at! < other.ended_at! && other.started_at! < one.ended_at!;
}
