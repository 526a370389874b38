import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { serve } from '../../test/web/serve.ts';
import type { Served } from '../../test/web/serve.ts';
import { createPlainStatus, plainBuild, plainOverview } from '../../test/web/status-fixture.ts';
import type { PlainStatus } from '../../test/web/status-fixture.ts';
import type { BuildDetail } from '../ports/status.ts';

const id = '0a1b2c3d-1111-4222-8333-444455556666';
const evil = '<script>alert(1)</script>';
const running = plainBuild({ id, state: 'running', step: 'run' });
const progress = { selected: 92, passed: 40, failed: 2, skipped: 3, latest: `a.B.${evil}`, again: undefined };

let status: PlainStatus;
let served: Served;
beforeEach(async () => {
  status = createPlainStatus(plainOverview(), [running]);
  served = await serve(status);
});
afterEach(() => served.stop());

async function page(build: Partial<BuildDetail>): Promise<string> {
  status.details.set(id, { ...running, ...build });
  const text = await (await fetch(`${served.url}/build/${id}`)).text();
  return text.replace(/\s+/g, ' ');
}

describe('the tests of a build that runs', () => {
  test('are shown as n of m with those that failed, which can run nothing', async () => {
    const failedSoFar = [{ id: `tempest.api.Servers.test_${evil}`, duration: 1500, again: undefined }];

    const body = await page({ testProgress: progress, failedSoFar });

    expect(body).toContain('45 of 92 tests');
    expect(body).toMatch(/<b class="bad">2 failed<\/b>, 40 passed, 3 skipped/);
    expect(body).toContain('tempest.api.Servers');
    expect(body).toContain('1.50s');
    expect(body).toContain('1 earlier failure is in the console.');
    expect(body).not.toContain('<script>alert');
  });

  test('are counted without their number where the console does not tell it, and with the second run apart', async () => {
    const again = { selected: 2, passed: 1, failed: 0 };
    const failedSoFar = [{ id: 'a.B.flaky', duration: undefined, again: 'passed' as const }];

    const body = await page({ testProgress: { ...progress, selected: undefined, again }, failedSoFar });

    expect(body).toContain('45 tests ended');
    expect(body).toContain('Run again: 1 of 2 tests, 1 passed.');
    expect(body).toContain('Failed, passed when run again');
  });

  test('are in the list of builds too, and give way to the results', async () => {
    status.details.set(id, { ...running, testProgress: progress });
    const builds = (await (await fetch(`${served.url}/api/builds`)).json()) as unknown;
    const result = { id: 'a.B.c', outcome: 'passed', duration: 1, tags: [], details: '' } as const;

    expect(builds).toMatchObject([{ testProgress: { selected: 92, passed: 40 } }]);
    expect(await page({ state: 'done', testProgress: progress, testResults: [result] })).not.toContain('of 92 tests');
    expect(await page({})).toContain('They are listed when the job has ended.');
  });
});

describe('the tests of a build that is over', () => {
  const failed = { outcome: 'failed', duration: 1, tags: [], details: 'trace' } as const;

  test('say what passed when run again, and what failed twice', async () => {
    const body = await page({
      state: 'done',
      testResults: [
        { ...failed, id: 'a.B.flaky', again: 'passed' },
        { ...failed, id: 'a.B.broken', again: 'failed' },
      ],
    });

    expect(body).toMatch(/chip warn.{1,600}Failed, passed when run again.{1,200}flaky/);
    expect(body).toMatch(/chip bad.{1,600}Failed twice.{1,200}broken/);
  });

  test('say which did not run, and what hides them', async () => {
    const missing = [
      { id: 'a.C.test_1', hiddenBy: `setUpClass (${evil})` },
      { id: 'a.B.test_2', hiddenBy: undefined },
    ];
    const body = await page({
      state: 'done',
      testResults: [{ ...failed, id: 'setUpClass (a.C)' }],
      missingTests: {
        selected: { expected: 92, missing: 12, hidden: 9, tests: missing },
        last: { build: 'b'.repeat(8), expected: 90, missing: 1, hidden: 0, tests: missing.slice(1) },
      },
    });

    expect(body).toContain('12 selected tests did not run, 9 hidden by a failure');
    expect(body).toContain('Hidden by setUpClass (&lt;script');
    expect(body).toContain('The first 2:');
    expect(body).toContain('1 test did not run that the last build ran');
    expect(body).toContain(`href="/build/${'b'.repeat(8)}"`);
    expect(body).not.toContain('<script>alert');
  });
});

describe('the list of all tests of a build', () => {
  const results = [
    { id: 'a.B.broken', outcome: 'failed', duration: 1, tags: [], details: `trace\nAssertionError: ${evil}\n` },
    { id: 'a.B.left', outcome: 'skipped', duration: 1, tags: [], details: 'no volumes' },
    { id: `a.B.${evil}`, outcome: 'passed', duration: 1, tags: [], details: '' },
  ] as const;
  const get = async (query: string) => {
    const answer = await fetch(`${served.url}/build/${id}/tests${query}`);
    return { code: answer.status, body: (await answer.text()).replace(/\s+/g, ' ') };
  };
  beforeEach(() => status.details.set(id, { ...running, state: 'done', testResults: results }));

  test('shows each with its outcome and what it said, and asks by a plain form', async () => {
    const { body } = await get('');

    expect(body).toContain('3 tests');
    expect(body).toContain('AssertionError: &lt;script');
    expect(body).toContain('no volumes');
    expect(body).toContain('<form class="filter panel"');
    expect(body).not.toContain('<script>alert');
    expect(await page({ state: 'done', testResults: results })).toContain(`href="/build/${id}/tests"`);
  });

  test('is filtered by the address, which may hold anything', async () => {
    expect((await get('?outcome=skipped&text=')).body).toContain('1 test');
    expect((await get(`?text=${encodeURIComponent(`"${evil}`)}`)).body).not.toContain('<script>alert');
    expect((await get('?text=nothing')).body).toContain('No test fits this filter.');
    expect((await get('?outcome=odd')).code).toBe(400);
    expect((await get(`?text=${'x'.repeat(300)}`)).code).toBe(400);
  });

  test('is told by the API, and not for a build that is none', async () => {
    const answer = await fetch(`${served.url}/api/builds/${id}/tests?outcome=failed`);

    expect(await answer.json()).toMatchObject({ build: id, fitting: 1, tests: [{ id: 'a.B.broken' }] });
    expect((await fetch(`${served.url}/api/builds/fffffff/tests`)).status).toBe(404);
    expect((await fetch(`${served.url}/build/fffffff/tests`)).status).toBe(404);
  });
});
