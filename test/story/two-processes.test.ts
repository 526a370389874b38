import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commented, nothing, remains, until } from './world/look.ts';
import { manifestAndFiles } from './world/manifest.ts';
import { startWorld } from './world/world.ts';
import type { World } from './world/world.ts';

describe('two processes on one database', () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  test('one is killed in the middle of a build: the other finishes it without starting the job again', async () => {
    const first = await world.startSidegate();
    const pushed = await world.push({ seconds: 6, guests: 1 });
    await until(
      async () => world.recorder.starts.size,
      (size) => size === 1,
    );
    await world.startSidegate();

    first.process.kill('SIGKILL');
    const { comments, verified } = await commented(world, pushed);

    expect({ comments: comments.length, verified }).toEqual({ comments: 1, verified: 1 });
    expect([...world.recorder.starts.values()]).toEqual([1]);
    const builds = await world.database.pool.query<{ attempt: number; epoch: number; log_path: string }>(
      `select attempt, epoch, log_path from builds`,
    );
    expect(builds.rows).toMatchObject([{ attempt: 1, epoch: 2 }]);
    await until(
      () => remains(world),
      (left) => JSON.stringify(left) === JSON.stringify(nothing),
    );
    const { there, told } = await manifestAndFiles(join(world.directory, 'logs', builds.rows[0]!.log_path));
    expect(Object.keys(there)).toEqual(
      expect.arrayContaining(['job-output.txt', 'build.json', 'zuul-info/inventory.yaml', 'testrepository.subunit']),
    );
    expect(told).toEqual(there);
  });

  test('one is frozen and cut off: the other goes on, and what the first still tries when it wakes up is refused', async () => {
    const { pool } = world.database;
    world.recorder.starts.clear();
    await world.stopSidegates();
    const frozen = await world.startSidegate();
    const pushed = await Promise.all([4, 5].map((seconds) => world.push({ seconds })));
    await until(
      async () => world.recorder.starts.size,
      (size) => size === 2,
    );
    await world.startSidegate();

    frozen.process.kill('SIGSTOP');
    // What a database server does to a client that is out of reach: the session ends, its locks are free.
    await pool.query(
      `select pg_terminate_backend(a.pid) from pg_stat_activity a join processes p on a.application_name = 'sidegate ' || p.id and p.pid = $1`,
      [frozen.process.pid],
    );
    await until(
      async () => (await pool.query<{ epoch: number }>(`select epoch from builds where state = 'running'`)).rows,
      (rows) => rows.length === 2 && rows.every(({ epoch }) => epoch === 2),
    );
    frozen.process.kill('SIGCONT');
    const views = await Promise.all(pushed.map((change) => commented(world, change)));
    await frozen.ended;

    expect(views.map(({ comments, verified }) => [comments.length, verified])).toEqual([
      [1, 1],
      [1, 1],
    ]);
    expect([...world.recorder.starts.values()]).toEqual([1, 1]);
    await until(
      () => remains(world),
      (left) => JSON.stringify(left) === JSON.stringify(nothing),
    );
  });
});
