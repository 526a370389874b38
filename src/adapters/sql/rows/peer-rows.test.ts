import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestResult } from '../../../domain/test-result.ts';
import type { BuildLease } from '../../../ports/build-store.ts';
import { createSampleRows, newServer, patchsetOf, slot } from '../testing/sample-rows.ts';
import type { SampleRows } from '../testing/sample-rows.ts';

let rows: SampleRows;
beforeAll(async () => {
  rows = await createSampleRows();
});
afterAll(() => rows.drop());

/** Of a change of its own author, on the one back end there is. */
async function runningBuild(number: number, prefix: string): Promise<BuildLease> {
  const [buildId = ''] = await rows.addBuildset(['job'], { ...patchsetOf(number), owner: `author of ${number}` });
  const [owner, serverId] = [await rows.addProcess(), randomUUID()];
  await rows.store.insertServers([newServer(serverId, owner)]);
  await rows.store.startBuilds([{ buildId, owner, serverId, slot: { ...slot, prefix } }]);
  const build = await rows.store.takeBuild(buildId, owner);
  return { buildId, epoch: build!.epoch };
}

function failed(id: string): TestResult {
  return { id, outcome: 'failed', startedAt: undefined, duration: undefined, tags: [], details: '' };
}

describe('builds of other changes beside one whose tests failed', () => {
  test('have more to say only until tests of theirs have failed, so that no two wait for each other while both are judged', async () => {
    const ours = await runningBuild(1, 'ZA0');
    const theirs = await runningBuild(2, 'ZA1');
    await rows.store.saveTestResults(ours, [failed('a')]);

    const before = await rows.store.failuresBeside(ours.buildId);
    await rows.store.saveTestResults(theirs, [failed('b')]);
    const after = await rows.store.failuresBeside(ours.buildId);

    expect(before).toEqual({
      ours: ['a'],
      peers: [{ name: '2,1', result: undefined, running: true, failedTests: [] }],
    });
    expect(after.peers).toEqual([{ name: '2,1', result: undefined, running: false, failedTests: ['b'] }]);
    expect((await rows.store.failuresBeside(theirs.buildId)).peers.map(({ running }) => running)).toEqual([false]);
  });
});
