import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noticesOf } from '../../test/story/cloud/cloud-stage.ts';
import { until } from '../../test/story/world/look.ts';
import type { PushedPatchset } from '../gerrit/push-change.ts';
import { fillDisk, killTempest } from './harm-worker.ts';
import { foreign, isLab, openZvmStage, patience } from './stage.ts';
import type { BuildView, ZvmStage } from './stage.ts';

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

    test('a run that is killed and one whose disk fills up blame no patch', { timeout: 2 * patience }, async () => {
      const [killed, full] = [await stage.propose('harmless'), await stage.propose('harmless')];

      const [ran] = await Promise.all([
        testing(killed).then(({ id }) => killTempest(id)),
        testing(full).then(async ({ id, server }) => {
          await fillDisk(stage.openstack, await novaIdOf(server));
          await until(
            () => consoleOf(full),
            (text) => text.includes('No space left on device'),
            patience,
          );
          // Its database waits for room, and tempest for the database, unless that broke.
          killTempest(id);
        }),
      ]);
      expect(ran).toBe(true);
      const votes = await Promise.all([killed, full].map(stage.voted));
      const [aborted] = await stage.builds(killed);
      const [filled] = await stage.builds(full);

      expect(votes.map(({ verified }) => verified)).toEqual([0, 0]);
      expect(aborted).toMatchObject({ result: 'ERROR', error_code: null, cause: { kind: 'job' }, failed: 0 });
      expect(aborted?.reason).toMatch(/never finished|in phase tempest/);
      expect(aborted?.passed).toBeGreaterThan(0);
      expect(votes[0]?.comments[0]?.message).toContain('cause: the job, beside its tests');
      expect(filled).toMatchObject({ result: 'NODE_FAILURE', error_code: 'disk-full', cause: { kind: 'disk' } });
      expect(votes[1]?.comments[0]?.message).toContain('cause: a full disk');
      expect((await noticesOf(stage.world)).map(({ code }) => code)).toContain('disk-full');
      expect(await stage.cleaned()).toEqual([foreign]);
    });

    /** Its build, once a test of it has passed and others are to come. */
    async function testing(pushed: PushedPatchset): Promise<BuildView> {
      await until(
        () => consoleOf(pushed),
        (text) => /\.\.\. ok$/m.test(text),
        patience,
      );
      return (await stage.builds(pushed)).at(-1)!;
    }

    async function consoleOf(pushed: PushedPatchset): Promise<string> {
      const build = (await stage.builds(pushed)).at(-1);
      return build ? stage.log(build, 'job-output.txt') : '';
    }

    async function novaIdOf(server: string | null): Promise<string> {
      const { rows } = await stage.world.database.pool.query<{ nova_id: string }>(
        `select nova_id from servers where id = $1`,
        [server],
      );
      return rows[0]!.nova_id;
    }
  },
);
