import { afterEach, beforeEach, expect, test } from 'vitest';
import { rawGet, serve } from '../../test/web/serve.ts';
import type { Served } from '../../test/web/serve.ts';
import { createPlainStatus, plainBuild, plainOverview, plainPatchset } from '../../test/web/status-fixture.ts';
import type { PlainStatus } from '../../test/web/status-fixture.ts';

const evil = '"><script>alert(1)</script>';
const id = `api.test_servers.TestServers.test_list[${evil}]`;

let status: PlainStatus;
let served: Served;
beforeEach(async () => {
  status = createPlainStatus(plainOverview({}), []);
  served = await serve(status);
});
afterEach(() => served.stop());

const get = async (path: string) => {
  const { body, status: code } = await rawGet(served.url, path);
  return { code, text: String(body) };
};
const unknown = { startedAt: undefined, details: '', logPath: undefined } as const;
const page = `/test?${new URLSearchParams({ id }).toString()}`;

test('a test’s page shows its rates, changes and branches apart, and every run with its build', async () => {
  const at = '2026-11-22T10:00:00.000Z';
  const { branch, connection, project, revision } = plainPatchset;
  const tip = { connection, project, branch, revision, ref: `refs/heads/${branch}` };
  status.testRuns.push(
    {
      build: 'a'.repeat(8),
      job: evil,
      tested: { ...plainPatchset, project: evil },
      at,
      outcome: 'failed',
      duration: 1,
      ...unknown,
    },
    { build: 'b'.repeat(8), job: 'job', tested: plainPatchset, at, outcome: 'passed', duration: 2500, ...unknown },
    { build: 'c'.repeat(8), job: 'job', tested: tip, at, outcome: 'passed', duration: undefined, ...unknown },
  );

  const { text } = await get(page);

  expect(text).toContain('passed 1 of 2 (50 %)');
  expect(text).toContain('passed 1 of 1 (100 %)');
  expect(text).toContain('2.50 s');
  for (const build of ['a', 'b', 'c']) expect(text).toContain(`href="/build/${build.repeat(8)}"`);
  expect(text).toContain(`master at ${revision.slice(0, 7)}`);
  expect(text).not.toContain('<script>alert');
});

test('a test nobody ran, and an address without a test, say so', async () => {
  expect((await get(page)).text).toContain('No build that is kept ran this test.');
  expect((await get('/test')).code).toBe(400);
  expect((await get(`/test?id=${'x'.repeat(5000)}`)).code).toBe(400);
  expect((await get('/api/tests')).code).toBe(400);
});

test('a failed test of a build leads to its past runs', async () => {
  const failed = { id, outcome: 'failed', duration: undefined, tags: [], details: 'trace' } as const;
  const build = plainBuild({ id: '1'.repeat(8), state: 'done', testResults: [failed] });
  status.details.set(build.id, build);

  expect((await get(`/build/${build.id}`)).text).toContain(`href="${page.replaceAll('&', '&amp;')}"`);
});

test('the API tells the same runs', async () => {
  status.testRuns.push({
    build: 'a'.repeat(8),
    job: 'job',
    tested: plainPatchset,
    at: '2026-11-22T10:00:00.000Z',
    outcome: 'passed',
    duration: 1,
    ...unknown,
    details: 'not told here',
  });

  expect(JSON.parse((await get(page.replace('/test', '/api/tests'))).text)).toMatchObject([{ outcome: 'passed' }]);
  expect((await get(page.replace('/test', '/api/tests'))).text).not.toContain('not told here');
});
