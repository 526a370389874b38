import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { EarlyFailure } from '../../../domain/early-failure.ts';
import { createSampleRows, newServer, patchsetOf } from '../testing/sample-rows.ts';
import type { SampleRows } from '../testing/sample-rows.ts';

const failure: EarlyFailure = { phase: 'stack', how: 'exited 1', lines: ['E: Failed to fetch'] };

let rows: SampleRows;
let owner: string;
beforeAll(async () => {
  rows = await createSampleRows();
  owner = await rows.addProcess();
});
afterAll(() => rows.drop());
beforeEach(async () => {
  await rows.database.pool.query(`update builds set job = 'of an earlier test'`);
});

interface Past {
  readonly number: number;
  readonly author?: string;
  readonly job?: string;
  /** Of the server in its cloud. */
  readonly novaId?: string;
  readonly startedMinutesAgo?: number;
  /** Undefined: it runs. */
  readonly endedMinutesAgo?: number;
  readonly result?: string;
  readonly failure?: EarlyFailure;
}

/** A build of a change, or of the branch for number 0. */
async function addBuild(past: Past): Promise<string> {
  const { author = 'dev', endedMinutesAgo, job = 'job', number, result, startedMinutesAgo = 10 } = past;
  const { connection, project, branch } = patchsetOf(1);
  const tested =
    number === 0
      ? {
          connection,
          project,
          branch,
          revision: randomUUID().replaceAll('-', '').padEnd(40, '0'),
          ref: 'refs/heads/master',
        }
      : { ...patchsetOf(number), owner: author };
  const eventId = await rows.addEvent();
  await rows.store.insertBuildset({ tested, pipeline: 'check', priority: 0, eventId, jobs: [job], isOnce: false });
  await rows.settleDependencies();
  const server = randomUUID();
  await rows.store.insertServers([newServer(server, owner)]);
  await rows.store.saveNovaId(server, past.novaId ?? randomUUID());
  const { pool } = rows.database;
  const { rows: built } = await pool.query<{ id: string }>(
    `update builds b set state = case when $4::integer is null then 'running' else 'done' end, server = $2, epoch = 1, result = $5,
       started_at = now() - make_interval(mins => $3), ended_at = now() - make_interval(mins => $4), early_failure = $6
     from buildsets s where s.id = b.buildset and s.trigger_event = $1 returning b.id`,
    [eventId, server, startedMinutesAgo, endedMinutesAgo ?? null, result ?? null, past.failure ?? null],
  );
  await pool.query(`update buildsets set state = 'done' where trigger_event = $1`, [eventId]);
  return built[0]!.id;
}

describe('builds that failed before their tests', () => {
  test('are those of other people’s changes that ran meanwhile or ended shortly before', async () => {
    const ours = await addBuild({ number: 1, novaId: 'host-1@a' });
    const ended = { author: 'other', failure, result: 'ERROR', startedMinutesAgo: 30 };
    await addBuild({ ...ended, number: 2, endedMinutesAgo: 5 });
    await addBuild({ ...ended, number: 3, endedMinutesAgo: 35, startedMinutesAgo: 50 });
    await addBuild({ number: 4, author: 'other', startedMinutesAgo: 3 });
    // Too long ago, the same person, the same change, another job, the same host, stopped, the branch itself.
    await addBuild({ ...ended, number: 5, endedMinutesAgo: 45, startedMinutesAgo: 50 });
    await addBuild({ ...ended, number: 6, author: 'dev', endedMinutesAgo: 5 });
    await addBuild({ ...ended, number: 1, endedMinutesAgo: 5 });
    await addBuild({ ...ended, number: 7, job: 'another', endedMinutesAgo: 5 });
    await addBuild({ ...ended, number: 8, novaId: 'host-1@b', endedMinutesAgo: 5 });
    await addBuild({ ...ended, number: 9, result: 'ABORTED', endedMinutesAgo: 5 });
    await addBuild({ ...ended, number: 0, endedMinutesAgo: 5 });

    const peers = await rows.store.earlyFailuresBeside(ours);

    expect(peers.toSorted((one, other) => (one.name < other.name ? -1 : 1))).toEqual([
      { name: '2,1', running: false, failure },
      { name: '3,1', running: false, failure },
      { name: '4,1', running: true, failure: undefined },
    ]);
  });

  test('have nothing more to say, though they are still being judged', async () => {
    const ours = await addBuild({ number: 1 });
    await addBuild({ number: 2, author: 'other', failure });

    expect(await rows.store.earlyFailuresBeside(ours)).toEqual([{ name: '2,1', running: false, failure }]);
  });

  test('are written down by who has the build alone', async () => {
    const ours = await addBuild({ number: 1 });
    const theirs = await addBuild({ number: 2, author: 'other' });
    const hostile = { ...failure, lines: ['a\0b'] };

    await rows.store.saveEarlyFailure({ buildId: theirs, epoch: 1 }, hostile);
    await rows.store.saveEarlyFailure({ buildId: theirs, epoch: 1 }, hostile);

    expect((await rows.store.earlyFailuresBeside(ours)).map((peer) => peer.failure?.lines)).toEqual([['a\ufffdb']]);
    await expect(rows.store.saveEarlyFailure({ buildId: theirs, epoch: 0 }, failure)).rejects.toMatchObject({
      code: 'stale-epoch',
    });
  });
});

describe('what the branch did before', () => {
  const tip = { number: 0, startedMinutesAgo: 200 };

  test('is told by the last build of it that ended before ours began', async () => {
    const ours = await addBuild({ number: 1 });
    await addBuild({ ...tip, endedMinutesAgo: 150, result: 'SUCCESS' });
    await addBuild({ ...tip, endedMinutesAgo: 100, result: 'ERROR', failure });
    await addBuild({ ...tip, endedMinutesAgo: 90, result: 'NODE_FAILURE', failure: { ...failure, phase: 'fetch' } });
    await addBuild({ ...tip, endedMinutesAgo: 5, result: 'SUCCESS' });

    expect(await rows.store.earlyBaselineOf(ours)).toMatchObject({
      tip: expect.stringMatching(/^master at /),
      failure,
    });
  });

  test('is nothing where it came to its tests, or nobody tested it', async () => {
    const ours = await addBuild({ number: 1 });
    expect(await rows.store.earlyBaselineOf(ours)).toBeUndefined();

    await addBuild({ ...tip, endedMinutesAgo: 100, result: 'FAILURE' });

    expect((await rows.store.earlyBaselineOf(ours))?.failure).toBeUndefined();
  });
});
