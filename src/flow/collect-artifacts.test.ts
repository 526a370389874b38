import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { anyHost, prepareRunningBuilds } from '../../test/flow/running-builds.ts';
import type { RunningBuilds } from '../../test/flow/running-builds.ts';
import { SidegateError } from '../domain/errors.ts';
import type { TakeArtifact } from '../ports/remote-jobs.ts';
import { collectArtifacts } from './collect-artifacts.ts';
import { publishHidden } from './publish-hidden.ts';
import type { BuildContext } from './run-build.ts';

const results = await readFile(new URL('../../test/fixtures/subunit/tempest-run1.subunit', import.meta.url));

let builds: RunningBuilds;

beforeEach(async () => {
  builds = await prepareRunningBuilds();
});
afterEach(() => builds.drop());

/** A build whose test server answers each collection with the next of `answers`. */
function contextWith(
  answers: readonly ((take: TakeArtifact) => Promise<readonly string[]>)[],
  testResults: string | undefined,
): Promise<BuildContext> {
  const left = [...answers];
  return builds.create({ jobs: { collect: (_host, _wanted, take) => left.shift()!(take) }, job: { testResults } });
}

function unreachable(): never {
  throw new SidegateError('ssh-unreachable', 'the connection broke');
}

describe('the artifacts of a build', () => {
  test('are fetched again when the connection breaks in the middle', async () => {
    const context = await contextWith(
      [
        async (take) => {
          await take('results.subunit', results.subarray(0, 1000));
          return unreachable();
        },
        async (take) => {
          await take('results.subunit', results);
          await take('a.log', Buffer.from('a'));
          return [];
        },
      ],
      'results.subunit',
    );

    const collected = await collectArtifacts(context, anyHost);

    expect(collected).toMatchObject({ testsIntact: true, infra: undefined });
    expect(collected.tests?.passed).toBeGreaterThan(0);
    expect(await builds.published(context)).toEqual(['a.log', 'results.subunit']);
  });

  test('that cannot be fetched are an infra failure where test results are among them, and a gap elsewhere', async () => {
    const unreachableForGood = [async () => unreachable(), async () => unreachable(), async () => unreachable()];
    const needed = await contextWith(unreachableForGood, 'results.subunit');
    const unneeded = await contextWith(unreachableForGood, undefined);

    const lost = await collectArtifacts(needed, anyHost);
    const gap = await collectArtifacts(unneeded, anyHost);

    expect(lost).toMatchObject({ tests: undefined, infra: { code: 'ssh-unreachable' } });
    expect(gap).toMatchObject({ tests: undefined, infra: undefined });
  });

  test('are taken up to the limits, and the log folder says what is missing', async () => {
    const context = await contextWith(
      [
        async (take) => {
          const names = ['results.subunit', 'build.json', 'a.log', 'b.log', 'c.log'];
          for (const name of names) if (!(await take(name, name === names[0] ? results : Buffer.from('x')))) break;
          return ['pipe', 'esc\u001b[2J\nape'];
        },
      ],
      'results.subunit',
    );

    const collected = await collectArtifacts(context, anyHost);
    const leftOut = await builds.publishedFile(context, 'left-out.txt');

    expect(collected.tests).toBeDefined();
    expect(await builds.published(context)).toEqual(['a.log', 'left-out.txt', 'results.subunit']);
    expect(leftOut.split('\n')).toEqual([
      'Artifacts that were not taken:',
      'build.json: the name of a file of sidegate',
      'b.log and all after it: more than 3 files or 10000000 bytes',
      'pipe: no plain file, too large, or a name that is not plain',
      'esc ape: no plain file, too large, or a name that is not plain',
      '',
    ]);
  });

  test('are scrubbed before anything of them is kept, and how often is said beside them', async () => {
    const broken = await readFile(new URL('../../test/fixtures/subunit/zvm-patch1-a.subunit', import.meta.url));
    const context = await contextWith(
      [
        async (take) => {
          await take('results.subunit', broken);
          return [];
        },
      ],
      'results.subunit',
    );
    const [, secret = ''] = /"adminPass": "([^"*]+)"/.exec(broken.toString('latin1')) ?? [];

    await collectArtifacts(context, anyHost);
    await publishHidden(context);

    const { rows } = await builds.rows.database.pool.query<{ details: string }>('select details from test_results');
    const details = rows.map((row) => row.details).join('\n');
    const published = await builds.publishedFile(context, 'results.subunit');
    expect(secret.length).toBeGreaterThan(6);
    expect(details.includes(`"adminPass": "${'*'.repeat(secret.length)}"`)).toBe(true);
    expect((details + published).includes(secret)).toBe(false);
    expect(JSON.parse(await builds.publishedFile(context, 'hidden.json'))).toEqual({
      hidden: { 'results.subunit': { password: expect.any(Number) } },
    });
  });

  test('belong to who has the build: results of an older owner are refused', async () => {
    const context = await contextWith(
      [
        async (take) => {
          await take('results.subunit', results);
          await builds.rows.store.takeBuild(context.build.id, await builds.rows.addProcess());
          return [];
        },
      ],
      'results.subunit',
    );

    const collected = collectArtifacts(context, anyHost);

    await expect(collected).rejects.toMatchObject({ code: 'stale-epoch' });
  });
});
