import { afterAll, beforeAll, expect, test } from 'vitest';
import { novaMaster, patchsetOf, prepareTriggerFlow } from '../../test/flow/trigger-flow.ts';
import type { TriggerFlow } from '../../test/flow/trigger-flow.ts';
import type { Pipeline } from '../domain/settings.ts';

const check: Pipeline = {
  name: 'check',
  triggers: [{ event: 'patchset-created' }],
  vote: undefined,
  priority: 0,
  isSilent: false,
};
let ci: TriggerFlow;
beforeAll(async () => {
  ci = await prepareTriggerFlow({ pipelines: [check], projects: [novaMaster] });
});
afterAll(() => ci.drop());

test('two processes decide the events of a change in their order, though one has later events than the other', async () => {
  const createdAt = 1_700_000_000_000;
  const changes = Array.from({ length: 100 }, (_, n) => patchsetOf(7000 + n));
  // More than one batch: the second process would begin with what ends the first one's changes.
  for (const patchset of changes) await ci.hear({ type: 'patchset-created', patchset, kind: undefined, createdAt });
  for (const change of changes.toReversed()) await ci.hear({ type: 'change-abandoned', change, createdAt });

  await Promise.all([ci.decide(), ci.decide()]);

  const states = await Promise.all(changes.map((patchset) => ci.buildsets(patchset)));
  expect(new Set(states.flat().map(({ state }) => state))).toEqual(new Set(['cancelled']));
});
