import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PushedPatchset } from '../../lab/gerrit/push-change.ts';
import { commentAs } from '../../lab/gerrit/review-as.ts';
import { configure } from './world/faults.ts';
import { lookAt, until } from './world/look.ts';
import { startWorld } from './world/world.ts';
import type { World } from './world/world.ts';

const run = promisify(execFile);
const link = 'https://logs.example.org/1/';

/** Beside an old CI that votes: everything but posting, and then the two are compared. */
describe('a silent pipeline beside another CI', () => {
  let world: World;
  let good: PushedPatchset;
  let bad: PushedPatchset;
  let alone: PushedPatchset;

  beforeAll(async () => {
    world = await startWorld();
    await configure(world, (story) => {
      const { pipelines } = story as unknown as { pipelines: object[] };
      Object.assign(pipelines[0]!, { report: 'silent' });
    });
    await world.startSidegate();
    good = await world.push({});
    bad = await world.push({ tests: { 'a.test': 'fail' } });
    alone = await world.push({});
    for (const pushed of [good, bad])
      await commentAs(world.gerrit, 'nonevoter', pushed, {
        message: `Build succeeded (old_check pipeline).\n\n- old-job ${link} : SUCCESS in 1s`,
      });
    await until(
      () => world.database.pool.query(`select from reports where state = 'silent'`),
      ({ rows }) => rows.length === 3,
    );
  });
  afterAll(() => world.stop());

  async function sidegate(...words: readonly string[]): Promise<{ stdout: string; stderr: string }> {
    const main = join(import.meta.dirname, '../../src/main.ts');
    const env = { ...process.env, DATABASE_URL: world.database.url };
    return run(process.execPath, [main, ...words, '--config', world.config], { env });
  }

  test('posts nothing', async () => {
    for (const pushed of [good, bad, alone]) expect(await lookAt(world, pushed)).toEqual({ comments: [], verified: 0 });
  });

  test('is compared: what differs is listed, with the reasons', async () => {
    const { stdout } = await sidegate('compare', '--account', 'Other CI');

    const lines = stdout.trim().split('\n');
    expect(lines[0]).toContain(`differs  openstack/nova ${bad.change},1 (check)  ours: failure, theirs: success`);
    expect(stdout).toContain('theirs  old-job SUCCESS');
    expect(stdout).not.toContain(` ${good.change},1`);
    expect(lines.at(-1)).toBe('1 the same, 1 different, 0 unclear, 1 without a result of Other CI.');
  });

  test('is compared as JSON, all of it', async () => {
    const { stdout } = await sidegate('compare', '--account', 'nonevoter', '--json', '--all');

    const found = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { patchset: { number: number }; comparison: string });
    expect(Object.fromEntries(found.map(({ comparison, patchset }) => [patchset.number, comparison]))).toEqual({
      [good.change]: 'same',
      [bad.change]: 'differs',
      [alone.change]: 'missing',
    });
  });

  test('shows what would have been posted', async () => {
    const { rows } = await world.database.pool.query<{ id: string; build: string }>(
      `select s.id, b.id as build from buildsets s join builds b on b.buildset = s.id where s.change_number = $1`,
      [bad.change],
    );
    const { build = '', id = '' } = rows[0] ?? {};

    const ways = await Promise.all([
      sidegate('report', '--preview', id),
      sidegate('report', 'preview', id.slice(0, 8)),
      sidegate('report', 'preview', build),
    ]);

    for (const { stderr, stdout } of ways) {
      expect(stdout).toMatch(/^Build failed \(check pipeline\)\./);
      expect(stderr).toContain('state: silent');
      expect(stderr).toContain('vote: Verified -1; the pipeline is silent: nothing is posted');
      expect(stderr).toContain('linter: good');
    }
  });
});
