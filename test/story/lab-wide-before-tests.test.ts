import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccountName } from '../../lab/gerrit/accounts.ts';
import type { PushedPatchset } from '../../lab/gerrit/push-change.ts';
import { actAs, changeOf } from '../../lab/gerrit/review-as.ts';
import { configure } from './world/faults.ts';
import { commented, until } from './world/look.ts';
import { phasesWithStack } from './world/scripted-job.ts';
import { startWorld } from './world/world.ts';
import type { World } from './world/world.ts';

/** A phase `stack` that ends like this after two seconds. */
function broken(...prints: readonly string[]) {
  return { stack: { prints, seconds: 2, exit: 1 } };
}

describe('workers that fail in the same way before any test', () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld();
    const nova = { gerrit: 'review', project: 'openstack/nova', branches: ['master'] };
    await configure(world, (configuration) => {
      const [job] = configuration.jobs;
      Object.assign(configuration, {
        jobs: [{ ...job, attempts: 2, phases: phasesWithStack(world.recorder.url) }],
        pipelines: [...configuration.pipelines, { name: 'baseline', triggers: ['ref-updated'] }],
        // They fail alike, change after change.
        storm_brake: { failures: 0 },
        projects: [{ ...nova, pipelines: { check: ['story'], baseline: ['story'] } }],
      });
    });
    await world.startSidegate();
  });
  afterAll(() => world.stop());

  interface Told {
    readonly verified: number;
    readonly message: string;
    /** `RESULT CAUSE` of each attempt. */
    readonly builds: readonly string[];
    /** Texts that show the cause of the last one. */
    readonly lines: readonly string[];
  }

  async function fate(change: PushedPatchset): Promise<Told> {
    const { comments, verified } = await commented(world, change, 1, 240_000);
    const { rows } = await world.database.pool.query<{ told: string; lines: readonly { text: string }[] }>(
      `select b.result || ' ' || (b.cause ->> 'kind') as told, b.cause -> 'lines' as lines
       from builds b join buildsets s on s.id = b.buildset where s.change_number = $1 order by attempt`,
      [change.change],
    );
    const lines = rows.at(-1)?.lines.map(({ text }) => text) ?? [];
    return { verified, message: comments[0]?.message ?? '', builds: rows.map(({ told }) => told), lines };
  }

  /** Changes of different people, tested side by side. */
  async function push(
    ...all: readonly (readonly [AccountName, ReturnType<typeof broken>])[]
  ): Promise<readonly Told[]> {
    const changes: PushedPatchset[] = [];
    for (const [author, story] of all) changes.push(await world.push(story, undefined, 'It fails', author));
    return Promise.all(changes.map(fate));
  }

  test('for changes of different people: the lab is blamed, and both are tried again', async () => {
    const at = (time: string) => broken(`${time} E: Failed to start mysqld`, 'giving up');

    const both = await push(['dev', at('10:00:01')], ['admin', at('11:30:59')]);
    const { rows: notices } = await world.database.pool.query<{ code: string; text: string }>(
      `select code, text from notices where closed_at is null`,
    );

    for (const { builds, lines, message, verified } of both) {
      expect(builds).toEqual(['NODE_FAILURE lab-wide', 'NODE_FAILURE lab-wide']);
      expect(verified).toBe(0);
      expect(message).toMatch(/in phase stack\. Those of \d+,1 failed alike\./);
      expect(lines.at(-1)).toBe('giving up');
    }
    expect(notices).toMatchObject([{ code: 'lab-wide', text: expect.stringMatching(/failed alike/) as string }]);
  });

  test('in different ways, or for changes of one person: nobody else is blamed', async () => {
    const others = await push(['dev', broken('E: no glance')], ['admin', broken('E: no keystone')]);
    const own = await push(['dev', broken('E: no nova')], ['dev', broken('E: no nova')]);

    expect([...others, ...own].map(({ builds }) => builds)).toEqual(Array(4).fill(['ERROR devstack']));
  });

  test('as the branch had done before: the branch is blamed, and nobody is tried again', async () => {
    const culprit = await world.push(broken('E: no placement'), undefined, 'It breaks the branch', 'zuul');
    await fate(culprit);
    await actAs(world.gerrit, 'admin', `${changeOf(culprit)}/revisions/current/review`, {
      labels: { 'Code-Review': 2 },
    });
    await actAs(world.gerrit, 'admin', `${changeOf(culprit)}/submit`, {});
    await until(branchFailures, (lines) => lines.includes('E: no placement'));

    const [told] = await push(['dev', broken('E: no placement')]);

    expect(told?.builds).toEqual(['ERROR branch']);
    expect(told?.message).toMatch(/in phase stack\. So did master at [0-9a-f]{7}\./);
    expect(told?.verified).toBe(0);
  });

  /** Last lines of those of its builds that are over. */
  async function branchFailures(): Promise<readonly (string | null)[]> {
    const { rows } = await world.database.pool.query<{ line: string | null }>(
      `select b.early_failure -> 'lines' ->> -1 as line from builds b join buildsets s on s.id = b.buildset
       where s.change_number is null and b.result = 'ERROR'`,
    );
    return rows.map(({ line }) => line);
  }
});
