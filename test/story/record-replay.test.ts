import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { actAs, changeOf, commentAs } from '../../lab/gerrit/review-as.ts';
import { commented, until } from './world/look.ts';
import { askSidegate, runSidegate } from './world/run-sidegate.ts';
import { startWorld } from './world/world.ts';
import type { World } from './world/world.ts';

const main = join(import.meta.dirname, '../../src/main.ts');

interface Line {
  readonly type: string;
  readonly decision: string;
  readonly reason: string;
  readonly runs: readonly string[];
}

describe('a stream of Gerrit’s', () => {
  let world: World;
  let file: string;

  beforeAll(async () => {
    // Rules about files must not make a replay wait: it asks Gerrit nothing.
    const nova = { gerrit: 'review', project: 'openstack/nova', branches: ['master'], pipelines: { check: ['story'] } };
    world = await startWorld({ configuration: { projects: [{ ...nova, skip_when_only: ['docs'] }] } });
    file = join(world.directory, 'stream.jsonl');
  });
  afterAll(() => world.stop());

  function replay(...options: readonly string[]): Promise<string> {
    return askSidegate(world, 'replay', file, ...options);
  }

  async function recorded(): Promise<readonly string[]> {
    return (await readFile(file, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
  }

  test('is recorded as it comes', async () => {
    const child = spawn(process.execPath, [main, 'record', file, '--config', world.config], {
      env: { ...process.env, DATABASE_URL: world.database.url },
    });
    const ended = once(child, 'exit');
    await once(child.stdout, 'data');

    const pushed = await world.push({});
    await commentAs(world.gerrit, 'dev', pushed, { message: 'recheck' });
    await world.push({}, pushed);
    await actAs(world.gerrit, 'dev', `${changeOf(pushed)}/abandon`, {});
    await until(recorded, ({ length }) => length === 4);
    child.kill('SIGINT');

    expect(await ended).toEqual([0, null]);
    expect((await recorded()).map((line) => (JSON.parse(line) as { type: string }).type)).toEqual([
      'patchset-created',
      'comment-added',
      'patchset-created',
      'change-abandoned',
    ]);
  });

  test('is replayed: what it would start and why, and nothing is done', async () => {
    const lines = (await replay('--json'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    const text = await replay();
    const { rows } = await world.database.pool.query(`select from events`);

    expect(lines.map(({ type, decision, runs }) => [type, decision, runs])).toEqual([
      ['patchset-created', 'started', ['check']],
      ['comment-added', 'ignored', []],
      ['patchset-created', 'started', ['check']],
      ['change-abandoned', 'aborted', []],
    ]);
    expect(lines[1]?.reason).toContain('is queued or running already');
    expect(text).toContain('2 started, 1 ignored, 1 aborted');
    expect(rows).toEqual([]);
  });

  test('changes are queued by hand by their address', async () => {
    const pushed = await world.push({});
    await world.startSidegate();
    await commented(world, pushed);
    const address = `${world.gerrit.url}/c/${pushed.project}/+/${pushed.change}/1`;

    const stdout = await askSidegate(world, 'enqueue', address);
    const { errors: foreign } = await runSidegate(world, 'enqueue', 'https://review.example/c/x/+/1');

    expect(stdout).toContain(`Enqueued ${pushed.project} ${pushed.change},1`);
    expect((await commented(world, pushed, 2)).comments).toHaveLength(2);
    expect(foreign).toContain('is on no configured Gerrit');
  });
});
