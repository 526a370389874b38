import { expect, test } from 'vitest';
import { patchsetOf, prepareTriggerFlow } from '../../test/flow/trigger-flow.ts';
import type { ProjectSettings } from '../domain/settings.ts';

test('a private change that became public, was tested, and is found by backfill afterwards is not tested again', async () => {
  const triggers = [{ event: 'patchset-created' }, { event: 'made-public' }] as const;
  const check = { name: 'check', triggers, vote: undefined, priority: 0, isSilent: false };
  const filter = { owners: undefined, topics: undefined, hashtags: undefined, workInProgress: true, private: true };
  const nova = {
    connection: 'review',
    project: 'openstack/nova',
    branches: ['master'],
    pipelines: { check: ['job'] },
    filter,
  };
  const ci = await prepareTriggerFlow({ pipelines: [check], projects: [nova as unknown as ProjectSettings] });
  const patchset = patchsetOf(1);
  await ci.hear({ type: 'made-public', patchset, createdAt: 2 });
  await ci.decide();
  await ci.finish(patchset);

  await ci.hear({ type: 'patchset-created', patchset, createdAt: 1 }, 'backfill');
  await ci.decide();

  expect(await ci.buildsets(patchset)).toEqual([{ state: 'done', priority: 0 }]);
  await ci.drop();
});
