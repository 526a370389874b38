import { afterAll, beforeAll, expect, test } from 'vitest';
import { startGerritChanges } from '../../test/flow/gerrit-changes.ts';
import type { GerritChanges } from '../../test/flow/gerrit-changes.ts';
import { prepareTriggerFlow } from '../../test/flow/trigger-flow.ts';
import type { TriggerFlow } from '../../test/flow/trigger-flow.ts';
import type { Pipeline, ProjectSettings } from '../domain/settings.ts';
import { fillGap } from './fill-gap.ts';
import { createPeriodicStarter } from './start-periodic.ts';

const pipeline: Pipeline = {
  name: 'nightly',
  triggers: [{ event: 'periodic', times: '0 2 * * *' }, { event: 'ref-updated' }],
  vote: undefined,
  priority: 0,
  isSilent: false,
};
const entry = (project: string, branches: readonly string[]) =>
  ({ connection: 'review', project, branches, pipelines: { nightly: ['job'] } }) as unknown as ProjectSettings;

let ci: TriggerFlow;
let gerrit: GerritChanges;
beforeAll(async () => {
  gerrit = await startGerritChanges();
  ci = await prepareTriggerFlow(
    {
      pipelines: [pipeline],
      // One Gerrit does not have, one by a pattern, one whose branch is not there.
      projects: [
        entry('openstack/gone', ['master']),
        entry('openstack/neutr*', ['master']),
        entry('openstack/os-vif', ['stable/*']),
        entry('openstack/nova', ['master']),
      ],
    },
    gerrit.kit.url,
  );
});
afterAll(async () => {
  await ci.drop();
  await gerrit.stop();
});

async function journaled() {
  const { rows } = await ci.rows.database.pool.query<{ key: string; source: string; event: unknown }>(
    `select key, source, event from events order by id`,
  );
  return rows;
}

test('when its time has come, each configured branch is journaled once, by whichever process', async () => {
  const { review } = ci.flow.reviews.get('review')!;
  const first = createPeriodicStarter(ci.flow, review);
  const second = createPeriodicStarter(ci.flow, review);

  await Promise.all([first(), second()]);
  await first();

  const events = await journaled();
  expect(events.map(({ key }) => key)).toEqual([
    expect.stringMatching(/^periodic:nightly:\d{4}-\d\d-\d\dT02:00:00\.000Z:openstack\/nova:master$/),
  ]);
  expect(events[0]).toMatchObject({
    source: 'timer',
    event: { type: 'periodic', pipeline: 'nightly', tip: { branch: 'master', ref: 'refs/heads/master' } },
  });
});

test('a tip that was missed in a gap is found once', async () => {
  const { review } = ci.flow.reviews.get('review')!;
  const before = (await journaled()).length;

  await fillGap(ci.flow, review, Date.now());
  await fillGap(ci.flow, review, Date.now());

  const missed = (await journaled()).slice(before);
  expect(missed.map(({ key, source }) => [key.replace(/[0-9a-f]{40}$/, 'COMMIT'), source])).toEqual([
    ['ref-updated:openstack/nova:master:COMMIT', 'backfill'],
  ]);
});
