import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { rawGet, serve } from '../../test/web/serve.ts';
import type { Served } from '../../test/web/serve.ts';
import { createPlainStatus, plainBackend, plainBuild, plainOverview } from '../../test/web/status-fixture.ts';
import type { BuildDetail } from '../ports/status.ts';
import type { PlainStatus } from '../../test/web/status-fixture.ts';

const evil = '</title><script>alert(1)</script><img src=x onerror="alert(2)">\u001b[31m\u202e\0';
const id = '0a1b2c3d-1111-4222-8333-444455556666';
const { patchset } = plainBuild({ id });
const build = plainBuild({
  id,
  patchset: { ...patchset, subject: evil, owner: evil, branch: evil, project: evil, url: 'javascript:alert(3)' },
  job: evil,
  pipeline: evil,
  state: 'done',
  result: 'FAILURE',
  reason: evil,
  server: evil,
  serverAddress: evil,
  backend: evil,
  prefix: '<b>',
  startedAt: '2026-11-22T10:00:00.000Z',
  endedAt: '2026-11-22T11:02:03.000Z',
  tests: { passed: 1, failed: 1, skipped: 0 },
  testResults: [
    { id: 'good.test_one', outcome: 'passed', duration: 12, tags: [], details: '' },
    { id: evil, outcome: 'failed', duration: undefined, tags: [evil], details: evil },
  ],
  history: [{ at: '2026-11-22T10:00:00.000Z', step: evil, phase: evil }],
  report: { state: 'posted', message: evil, vote: { label: evil, value: -1 }, outcome: evil, postedAt: undefined },
  artifacts: [{ path: `../${evil}`, size: 1 }],
});
const overview = plainOverview({
  name: evil,
  running: [{ ...build, state: 'running', step: 'run', phase: evil, stepSince: '2026-11-22T10:00:00.000Z' }],
  waiting: [{ ...build, state: 'queued', waitingFor: evil }],
  finished: [build],
  backends: [
    plainBackend({ name: evil, detail: evil, healthy: false, slots: [{ prefix: evil, build: evil, state: 'leased' }] }),
  ],
  servers: [{ id: evil, name: evil, label: evil, state: evil, address: evil, build: undefined, since: evil }],
  connections: [{ name: evil, state: 'failed', detail: evil, lastEventAt: undefined }],
  notices: [{ code: evil, text: evil, todo: evil, count: 2, lastAt: '2026-11-22T10:00:00.000Z' }],
  events: [{ id: evil, at: '2026-11-22T10:00:00.000Z', type: evil, patchset: evil, decision: evil, reason: evil }],
});

let status: PlainStatus;
let served: Served;

beforeEach(async () => {
  status = createPlainStatus(overview, [build]);
  status.consoles.set(id, { bytes: Buffer.from(evil), complete: true });
  served = await serve(status);
});

afterEach(() => served.stop());

const text = async (path: string) => String((await rawGet(served.url, path)).body);

describe('hostile data', () => {
  test.each([
    '/',
    '/builds',
    `/build/${id}`,
    '/builds?project=%3Cscript%3Ealert(1)%3C/script%3E',
    '/nowhere/%3Cscript%3E',
  ])('stays text on %s', async (path) => {
    const body = await text(path);

    expect(body).not.toMatch(/<script>|<img|onerror="|href="javascript:|<b>\[|\u202e/);
    expect(body).not.toContain('\u001b');
    expect(body).not.toContain('\0');
    expect(body).not.toMatch(/ style="| on\w+="/);
  });

  test('shows the subject as it is written', async () => {
    expect(await text(`/build/${id}`)).toContain('&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;');
  });
});

describe('the pages', () => {
  test('allow nothing but own script and own style', async () => {
    const { headers } = await rawGet(served.url, '/');

    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:/,
    );
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  test('bring every script, style and icon they name', async () => {
    const names = (await text('/')).match(/\/assets\/[^"]+/g) ?? [];

    const statuses = await Promise.all(names.map(async (name) => (await rawGet(served.url, name)).status));

    expect(names.length).toBeGreaterThanOrEqual(5);
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  test('show failed tests before passed ones', async () => {
    const body = await text(`/build/${id}`);

    expect(body.indexOf('Failed')).toBeGreaterThan(0);
    expect(body.indexOf('1 passed test<')).toBeGreaterThan(body.indexOf('test fail'));
  });

  test('say why by numbers where the tests decided, else by the reason', async () => {
    const tests = { passed: 7, failed: 3, skipped: 0 };
    const done = (own: Partial<BuildDetail>) =>
      plainBuild({ id: `${status.details.size}`.repeat(8), state: 'done', tests, reason: 'so it is', ...own });
    status.details.clear();
    for (const build of [done({ result: 'FAILURE' }), done({ result: 'NODE_FAILURE', reason: 'the disk is full' })])
      status.details.set(build.id, build);

    const body = await text('/builds');

    expect(body).toContain('3 failed');
    expect(body).not.toContain('so it is');
    expect(body).toContain('the disk is full');
  });

  test('bear the name of this CI, even where only files are listed', async () => {
    status.view = plainOverview({ name: 'Our own CI' });
    await served.archive.write(`${build.logPath}job-output.txt`, Buffer.from('ok'));

    expect(await text('/logs/')).toContain('Our own CI');
    expect(await text('/logs/')).toContain('By the last two digits of the change number, 1 entry');
  });

  test('name the steps of a build as people do', async () => {
    const history = ['sweep', 'run', 'done'].map((step) => ({
      at: '2026-11-22T10:00:00.000Z',
      step,
      phase: undefined,
    }));
    status.details.set(id, { ...build, history });

    const body = await text(`/build/${id}`);

    expect(body).toContain('Clear slot');
    expect(body).toMatch(/Run job <b>start<\/b>/);
    expect(body).not.toContain('>done<');
  });

  test('find a build by the first digits of its id', async () => {
    expect((await rawGet(served.url, '/build/0a1b2c3')).status).toBe(200);
  });

  test.each([
    '/build/ffffffff',
    '/build/../etc',
    '/build/%00',
    '/nothing',
    '/assets/../server.ts',
    '/assets/server.ts',
  ])('answer 404 for %s', async (path) => {
    expect((await rawGet(served.url, path)).status).toBe(404);
  });

  test('can only be read', async () => {
    expect((await rawGet(served.url, '/', { method: 'POST' })).status).toBe(405);
  });

  test('say so when the store does not answer, without telling why', async () => {
    status.overview = () => Promise.reject(new Error('password authentication failed'));

    const answer = await rawGet(served.url, '/');

    expect(answer.status).toBe(500);
    expect(String(answer.body)).not.toContain('password');
  });

  test('show only the end of a large console', async () => {
    const line = `${'x'.repeat(99)}\n`;
    const large = Buffer.from(line.repeat(20_000));
    status.consoles.set(id, { bytes: large, complete: true });
    await served.archive.write(`${build.logPath}job-output.txt`, large);

    const body = await text(`/build/${id}`);

    expect(body.length).toBeLessThan(700_000);
    expect(body).toContain('earlier output is in the file');
  });
});
