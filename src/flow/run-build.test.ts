import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { prepareCloudFlow } from '../../test/flow/cloud-flow.ts';
import type { CloudFlow } from '../../test/flow/cloud-flow.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { RunStep } from '../ports/durable-builds.ts';
import { admitBuilds } from './admit-builds.ts';
import { runBuild } from './run-build.ts';

let prepared: CloudFlow;
beforeEach(async () => {
  prepared = await prepareCloudFlow();
});
afterEach(() => prepared.drop());

const step: RunStep = (_name, work) => work();

/** A build that runs, whose server was given up with this code. */
async function withoutServer(code: ErrorCode): Promise<string> {
  const { rows } = prepared;
  const { lease, server } = await rows.addRunning();
  await rows.store.releaseServer(server, { code, detail: 'HTTP 403: Quota exceeded for instances' });
  return lease.buildId;
}

async function buildsOf() {
  const { rows } = await prepared.rows.database.pool.query<{
    attempt: number;
    state: string;
    result: string | null;
    error_code: string | null;
  }>(`select attempt, state, result, error_code from builds order by attempt`);
  return rows;
}

describe('a build whose server was refused for quota', () => {
  test('waits in the queue again with the quota as its reason, and no attempt is lost', async () => {
    const id = await withoutServer('cloud-quota');

    await runBuild(prepared.flow, id, step);

    const { rows } = await prepared.rows.database.pool.query(`select waiting_for from builds`);
    expect(await buildsOf()).toEqual([{ attempt: 1, state: 'queued', result: null, error_code: null }]);
    expect(rows[0]).toEqual({ waiting_for: expect.stringMatching(/^room in the cloud: .*Quota exceeded/) });
    expect(await prepared.notices()).toEqual(['cloud-quota job']);
    expect([...prepared.flow.active]).toEqual([]);
  });

  test('is admitted again after a pause, under a workflow of its own', async () => {
    const id = await withoutServer('cloud-quota');
    await runBuild(prepared.flow, id, step);
    await admitBuilds(prepared.flow);
    const early = await buildsOf();
    await prepared.rows.database.pool.query(`update builds set not_before = now()`);

    await admitBuilds(prepared.flow);

    const { epoch } = (await prepared.rows.store.findBuild(id))!;
    expect(early[0]?.state).toBe('queued');
    expect((await buildsOf())[0]?.state).toBe('running');
    expect(prepared.started).toEqual([`${id} ${epoch}`]);
    expect(epoch).toBeGreaterThan(0);
  });

  test('ends as aborted when it was cancelled meanwhile', async () => {
    const id = await withoutServer('cloud-quota');
    const { store } = prepared.rows;
    // The cancel comes after the workflow has looked for one.
    const late: RunStep = async (name, work) => {
      if (name === 'conclude') await store.cancelBuild(id, 'There is a newer patchset.');
      return work();
    };

    await runBuild(prepared.flow, id, late);

    expect(await buildsOf()).toEqual([{ attempt: 1, state: 'done', result: 'ABORTED', error_code: null }]);
  });
});

test('a build whose server did not boot ends as an infrastructure failure and is tried again', async () => {
  const id = await withoutServer('server-boot-failed');

  await runBuild(prepared.flow, id, step);

  expect(await buildsOf()).toEqual([
    { attempt: 1, state: 'done', result: 'NODE_FAILURE', error_code: 'server-boot-failed' },
    { attempt: 2, state: 'queued', result: null, error_code: null },
  ]);
});
