import { readFile } from 'node:fs/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { anyHost, prepareRunningBuilds } from '../../test/flow/running-builds.ts';
import type { RunningBuilds } from '../../test/flow/running-builds.ts';
import { writeSubunitPacket } from '../domain/subunit/writer.ts';
import { SidegateError } from '../domain/errors.ts';
import type { RemoteJobs, TakeArtifact } from '../ports/remote-jobs.ts';
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
    expect(await builds.published(context)).toEqual([
      'a.log',
      'junit.xml.gz',
      'results.subunit',
      'testr_results.html.gz',
    ]);
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
    expect(await builds.published(context)).toEqual([
      'a.log',
      'junit.xml.gz',
      'left-out.txt',
      'results.subunit',
      'testr_results.html.gz',
    ]);
    expect(leftOut.split('\n')).toEqual([
      'Artifacts that were not taken:',
      'build.json: the name of a file of sidegate',
      'b.log and all after it: more than 3 files or 10000000 bytes',
      'pipe: no plain file, too large, not readable, or a name that is not plain',
      'esc ape: no plain file, too large, not readable, or a name that is not plain',
      '',
    ]);
  });

  test('may hold results in gzip; the page and the XML made of them are ours, also when a job has some of its own', async () => {
    const context = await contextWith(
      [
        async (take) => {
          await take('results.subunit.gz', gzipSync(results));
          await take('testr_results.html.gz', Buffer.from('of the job'));
          return [];
        },
      ],
      'results.subunit.gz',
    );

    const collected = await collectArtifacts(context, anyHost);
    const page = await builds.publishedBytes(context, 'testr_results.html.gz');
    const xml = await builds.publishedBytes(context, 'junit.xml.gz');

    expect(collected).toMatchObject({ tests: { passed: 69, failed: 4, skipped: 19 }, testsIntact: true });
    expect(gunzipSync(page).toString('utf8')).toContain('Pass 69 Failure 4 Skip 19');
    expect(gunzipSync(xml).toString('utf8')).toContain('tests="92" failures="4"');
    expect(await builds.publishedFile(context, 'left-out.txt')).toContain(
      'testr_results.html.gz: the name of a file of',
    );
  });

  test('keep a page that the job made when there are no results to make one of', async () => {
    const context = await contextWith(
      [
        async (take) => {
          await take('testr_results.html.gz', Buffer.from('of the job'));
          return [];
        },
      ],
      undefined,
    );

    await collectArtifacts(context, anyHost);

    expect(await builds.publishedFile(context, 'testr_results.html.gz')).toBe('of the job');
  });

  test('that are results in a gzip file without its end are what is left of them, and not intact', async () => {
    const packed = gzipSync(results);
    const context = await contextWith(
      [
        async (take) => {
          await take('results.subunit.gz', packed.subarray(0, packed.length / 2));
          return [];
        },
      ],
      'results.subunit.gz',
    );

    const collected = await collectArtifacts(context, anyHost);

    expect(collected).toMatchObject({ testsIntact: false });
    expect(collected.tests?.passed).toBeGreaterThan(10);
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

  test('are chosen by the rules of the job, once it is known how it went', async () => {
    const found = ['results.subunit', 'always.log', 'debug.log'].map((path) => ({ path, size: 1 }));
    const rules = [{ paths: ['debug.log'], maxSize: 100, when: 'failure', to: '' }] as const;
    const chosenAt = async (testResults: string | undefined, status: number, stream: Buffer | undefined) => {
      const chosen: string[] = [];
      const collect: RemoteJobs['collect'] = async (_host, wanted, take) => {
        if (stream) await take('results.subunit', stream);
        chosen.push(...wanted.choose!(found).map(({ path }) => path));
        return [];
      };
      const context = await builds.create({ jobs: { collect }, job: { testResults, artifacts: rules } });
      await collectArtifacts(context, anyHost, { kind: 'exited', status });
      return chosen.includes('debug.log');
    };

    const passed = Buffer.from(writeSubunitPacket({ status: 'success', testId: 'a.B.test' }));
    expect(await chosenAt(undefined, 0, undefined)).toBe(false);
    expect(await chosenAt(undefined, 1, undefined)).toBe(true);
    expect(await chosenAt('results.subunit', 0, undefined)).toBe(true);
    expect(await chosenAt('results.subunit', 0, results)).toBe(true);
    expect(await chosenAt('results.subunit', 0, passed)).toBe(false);
  });

  test('that are the end of a log begin with a line that says so, and hide what only its begin tells', async () => {
    const key = ['-----BEGIN RSA PRIVATE KEY-----', ...Array.from({ length: 30 }, (_, n) => `${n}`.padEnd(64, 'Abc1'))];
    const lines = [...key, '-----END RSA PRIVATE KEY-----', 'ERROR the trouble', ''];
    const content = Buffer.from(lines.join('\n'));
    const context = content.indexOf(`${'9'.padEnd(64, 'Abc1')}`) + 10;
    const build = await contextWith(
      [
        async (take) => {
          await take('n-cpu.log', content, { size: 5_000_000, context });
          return [];
        },
      ],
      undefined,
    );

    await collectArtifacts(build, anyHost);

    const [notice, ...rest] = (await builds.publishedFile(build, 'n-cpu.log')).split('\n');
    const bytes = content.length - context;
    expect(notice).toBe(`[sidegate] What follows are the last ${bytes} of 5000000 bytes of this file.`);
    expect(rest).toHaveLength(23);
    expect(rest.slice(-3)).toEqual(['-----END RSA PRIVATE KEY-----', 'ERROR the trouble', '']);
    expect(rest.join('')).not.toContain('Abc1');
    expect(await builds.publishedFile(build, 'left-out.txt')).toContain(
      `n-cpu.log: all but the last ${bytes} of 5000000 bytes`,
    );
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
