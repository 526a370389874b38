import { afterEach, beforeEach, expect, test } from 'vitest';
import { rawGet, serve } from '../../test/web/serve.ts';
import type { Served } from '../../test/web/serve.ts';
import { createPlainStatus, plainBuild, plainOverview } from '../../test/web/status-fixture.ts';
import type { PlainStatus } from '../../test/web/status-fixture.ts';
import { readSample } from '../../test/subunit/samples.ts';
import { createSubunitParser } from '../domain/subunit/parser.ts';

const build = { id: '1'.repeat(8), state: 'done', result: 'FAILURE' } as const;
const names = ['controller/logs/screen-n-cpu.txt', 'controller/logs/screen-n-api.txt', 'job-output.txt'];
const artifacts = names.map((path) => ({ path, size: 1 }));

let status: PlainStatus;
let served: Served;
beforeEach(async () => {
  status = createPlainStatus(plainOverview({}), []);
  served = await serve(status);
});
afterEach(() => served.stop());

const get = async (path: string) => String((await rawGet(served.url, path)).body);

test('failed tests of a real run lead to their time and their requests in each log', async () => {
  const parser = createSubunitParser();
  parser.push(readSample('zvm-patch1-a.subunit'));
  const testResults = parser.end().tests;
  const { logPath } = plainBuild(build);
  status.details.set(build.id, plainBuild({ ...build, artifacts, testResults }));

  const page = await get(`/build/${build.id}`);

  const span = 'time=2026-11-22T16%3A37%3A15';
  for (const name of names) expect(page).toContain(`href="/view/${logPath}${name}?${span}`);
  const request = 'req-20cb37c6-46f1-43d7-9d2a-3c235e71fc9c';
  expect(page).toContain(`href="/view/${logPath}${names[0]}?find=${request}"`);
  expect(page).toContain(`href="/search?text=${request}&amp;build=${build.id}"`);
});

const id = 'req-11111111-1111-4222-8333-444455556666';
const failed = { id: 'a.B.test_c', outcome: 'failed', tags: [], duration: 2000 } as const;
const startedAt = Date.parse('2026-11-27T10:00:00.500Z');

test('without times only requests are links, without logs nothing is, and what a test says stays text', async () => {
  const evil = '"><script>alert(1)</script>';
  const details = `${evil} ${id}${evil}`;
  const testResults = [{ ...failed, duration: undefined, details }];
  status.details.set(build.id, plainBuild({ ...build, artifacts, testResults }));
  const page = await get(`/build/${build.id}`);
  const logsExpired = { at: '2026-11-30T00:00:00.000Z', why: 'age' } as const;
  status.details.set(build.id, plainBuild({ ...build, artifacts, testResults, logsExpired }));
  const later = await get(`/build/${build.id}`);

  expect(page).toContain(`n-cpu.txt?find=${id}"`);
  expect(page).not.toContain('While it ran');
  expect(page).not.toContain('<script>alert');
  expect(later).not.toContain('find=req');
});

test('a time that no calendar has leads nowhere, and does no harm', async () => {
  const testResults = [9e15, -9e15, Number.NaN].map((start) => ({ ...failed, startedAt: start, details: 'x' }));
  status.details.set(
    build.id,
    plainBuild({ ...build, artifacts, testResults: [...testResults, { ...failed, startedAt, details: '' }] }),
  );

  expect((await get(`/build/${build.id}`)).match(/While it ran/g)).toHaveLength(1);
});

test('the page of a test has the same links for its failed runs', async () => {
  const logPath = plainBuild(build).logPath;
  for (const name of names) await served.archive.write(logPath + name, 'x');
  const { tested } = plainBuild(build);
  const run = { build: build.id, job: 'job', tested, at: '2026-11-27T10:01:00.000Z', duration: 2000, logPath };
  const details = `Request-ID: ${id}`;
  const begun = new Date(startedAt).toISOString();
  status.testRuns.push(
    { ...run, outcome: 'failed', startedAt: begun, details },
    { ...run, outcome: 'passed', startedAt: begun, details },
  );

  const page = await get('/test?id=a.B.test_c');

  expect(page.match(/While it ran/g)).toHaveLength(1);
  expect(page).toContain(
    `href="/view/${logPath}job-output.txt?time=2026-11-27T10%3A00%3A00.500Z&amp;until=2026-11-27T10%3A00%3A02.500Z"`,
  );
  expect(page).toContain(`n-api.txt?find=${id}"`);
  expect(page).toContain('href="/search?test=a.B"');
});
