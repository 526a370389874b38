import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noticesOf } from '../../test/story/cloud/cloud-stage.ts';
import { asCi } from '../../test/story/world/cloud-under-test.ts';
import { until } from '../../test/story/world/look.ts';
import { createGuest, orphanGuest } from '../feilong/ask-feilong.ts';
import type { RealFeilong } from '../feilong/start-feilong.ts';
import type { PushedPatchset } from '../gerrit/push-change.ts';
import { foreign, isLab, openZvmStage, patience } from './stage.ts';
import type { BuildView, ZvmStage } from './stage.ts';

describe.skipIf(!isLab)('two workers on one z/VM, when everything dies once', () => {
  let stage: ZvmStage;
  let feilong: RealFeilong;

  beforeAll(async () => {
    stage = await openZvmStage({
      backends: [{ name: 'lpar1', kind: 'shared', release: 'pypi', prefixes: ['ZA0', 'ZB0'] }],
    });
    feilong = stage.feilongs[0]!;
  });
  afterAll(() => stage.close());

  test(
    'both changes get their +1, nothing of ours is left, not even what runs before them left, and what is of others is untouched',
    { timeout: 3 * patience },
    async () => {
      // Names of the first servers of the first builds, whatever their generation.
      for (const leaked of ['ZA000001', 'ZA010001', 'ZB010001']) await createGuest(feilong, leaked);
      await orphanGuest(feilong, 'ZB020001');
      const sidegate = await stage.world.startSidegate();
      const [one, other] = [await stage.propose('harmless'), await stage.propose('harmless')];
      const both = await until(
        () => Promise.all([one, other].map(lastBuild)),
        // The slower one is at its tests; the other may have ended meanwhile.
        (builds) => builds.some(isTesting) && builds.every(isAtTests),
        patience,
      );
      const [victim, survivor] = isTesting(both[0]) ? [one, other] : [other, one];
      const before = await lastBuild(victim);

      sidegate.process.kill('SIGKILL');
      await sidegate.ended;
      await deleteServer(before!);
      await stage.world.startSidegate();
      await killFeilong();
      const votes = await Promise.all([survivor, victim].map(stage.voted));
      const [attempts, attemptsOfVictim] = await Promise.all([survivor, victim].map(stage.builds));

      expect(votes.map(({ verified }) => verified)).toEqual([1, 1]);
      expect(attempts![0]!.server).not.toBe(before!.server);
      expect(attemptsOfVictim?.[0]).toMatchObject({ result: 'NODE_FAILURE', error_code: 'server-lost' });
      for (const all of [attempts!, attemptsOfVictim!]) {
        expect(all.at(-1)).toMatchObject({ result: 'SUCCESS' });
        expect(all.slice(0, -1).map(({ result }) => result)).toEqual(all.slice(1).map(() => 'NODE_FAILURE'));
      }
      expect(await stage.cleaned()).toEqual([foreign]);
    },
  );

  async function lastBuild(pushed: PushedPatchset): Promise<BuildView | undefined> {
    return (await stage.builds(pushed)).at(-1);
  }

  function isTesting(build: BuildView | undefined): boolean {
    return build?.phase === 'tempest';
  }

  function isAtTests(build: BuildView | undefined): boolean {
    return isTesting(build) || build?.phase === 'collect' || build?.state === 'done';
  }

  /** Behind sidegate's back, at once: as when its host loses power. */
  async function deleteServer({ server }: BuildView): Promise<void> {
    const { rows } = await stage.world.database.pool.query<{ nova_id: string }>(
      `select nova_id from servers where id = $1`,
      [server],
    );
    await (await asCi(stage.world.cloud)).ask('compute', `DELETE /servers/${rows[0]!.nova_id}`);
  }

  /** In the middle of making a guest, which z/VM makes all the same; until sidegate has noticed. */
  async function killFeilong(): Promise<void> {
    const before = (await creations()).length;
    await feilong.zvm.disturb({ delays: { Image_Create_DM: 5 } });
    // A worker whose last server was made meanwhile makes no more.
    await until(creations, ({ length }) => length > before, 30_000).catch(() => undefined);
    await feilong.kill('sdkserver');
    await feilong.kill('rest');
    await until(
      () => noticesOf(stage.world),
      (notices) => notices.some(({ code, subject }) => code.startsWith('backend-') && subject === 'lpar1'),
    );
    await feilong.zvm.disturb({});
    await feilong.start('sdkserver');
    await feilong.start('rest');
  }

  async function creations(): Promise<readonly string[]> {
    return (await feilong.zvm.calls()).filter((call) => call.includes('Image_Create_DM'));
  }
});
