import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { rawGet, serve } from '../../test/web/serve.ts';
import type { Served } from '../../test/web/serve.ts';
import {
  createPlainStatus,
  plainBackend,
  plainBuild,
  plainCloud,
  plainHold,
  plainImage,
  plainOverview,
  plainPatchset,
  plainServer,
  plainSlot,
} from '../../test/web/status-fixture.ts';
import type { BuildDetail } from '../ports/status.ts';
import type { PlainStatus } from '../../test/web/status-fixture.ts';

const evil = '</title><script>alert(1)</script><img src=x onerror="alert(2)">\u001b[31m\u202e\0';
const id = '0a1b2c3d-1111-4222-8333-444455556666';
const build = plainBuild({
  id,
  tested: { ...plainPatchset, subject: evil, owner: evil, branch: evil, project: evil, url: 'javascript:alert(3)' },
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
    plainBackend({
      name: evil,
      detail: evil,
      healthy: false,
      slots: [
        plainSlot({ prefix: evil, build: evil, change: evil, state: 'leased', workerPrefix: evil, detail: evil }),
      ],
    }),
  ],
  clouds: [plainCloud({ name: evil, detail: evil, healthy: false, checkedAt: evil })],
  servers: [
    plainServer({
      id: evil,
      name: evil,
      label: evil,
      cloud: evil,
      zone: evil,
      state: 'deleting',
      address: evil,
      since: evil,
      detail: evil,
    }),
    plainServer({ state: 'held', held: { by: evil, until: evil } }),
  ],
  serverCounts: [{ label: evil, cloud: evil, state: 'held', count: 2 }],
  failedBoots: [
    {
      id: evil,
      name: evil,
      label: evil,
      cloud: evil,
      zone: evil,
      attempt: 2,
      at: evil,
      code: evil,
      detail: evil,
      logPath: `boot-failures/${evil}`,
    },
  ],
  connections: [{ name: evil, state: 'failed', detail: evil, lastEventAt: undefined }],
  notices: [{ code: evil, text: evil, todo: evil, count: 2, lastAt: '2026-11-22T10:00:00.000Z' }],
  events: [{ id: evil, at: '2026-11-22T10:00:00.000Z', type: evil, patchset: evil, decision: evil, reason: evil }],
});

let status: PlainStatus;
let served: Served;

beforeEach(async () => {
  status = createPlainStatus(overview, [build]);
  status.heldServers.push(
    plainHold({
      id: evil,
      project: evil,
      job: evil,
      reason: evil,
      requestedBy: evil,
      detail: evil,
      server: evil,
      heldBuild: evil,
      login: { user: evil, address: evil, port: 2222 },
    }),
    plainHold({ state: 'waiting', build: evil, until: evil }),
    plainHold({ state: 'ended', endedAt: evil, endedBy: evil }),
  );
  status.ownImages.push(
    plainImage({ label: evil, cloud: evil, name: evil, requestedBy: evil, detail: evil, logPath: `${evil}/` }),
  );
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
    '/images',
    '/holds',
    '/backends',
    '/holds/new?build=%3Cscript%3Ealert(1)%3C/script%3E&project=$(reboot)&job=%22%20onerror=%22alert(1)',
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

  test('show a cloud with its quotas: ours, others and the limit', async () => {
    status.view = plainOverview({
      clouds: [plainCloud(), plainCloud({ name: 'away', healthy: false, detail: 'no answer', quotas: [] })],
    });

    const body = await text('/');

    expect(body).toContain('Servers: 3 used by sidegate, 2 by others, limit 20');
    expect(body).toContain('Memory GiB: 24 used by sidegate, 8 by others, limit 100');
    expect(body).toContain('Ports: 3 used by sidegate, 9 by others, no limit');
    expect(body).toContain('away is out of order');
    expect(body).toContain('no answer');
  });

  test('count thousands of servers and list only those to look at', async () => {
    const stuck = plainServer({ state: 'deleting', stuck: true, deleteAttempts: 9, name: 'sidegate-stuck' });
    status.view = plainOverview({
      servers: [stuck, plainServer({ name: 'sidegate-busy', state: 'in use' })],
      serverCounts: [
        { label: 'small', cloud: 'a', state: 'in use', count: 1000 },
        { label: 'small', cloud: 'b', state: 'in use', count: 899 },
        { label: 'small', cloud: 'a', state: 'deleting', count: 1 },
      ],
    });

    const body = await text('/');

    expect(body).toContain('1899 in use · 1 deleting');
    expect(body).toContain('sidegate-stuck');
    expect(body).toContain('9 attempts');
    expect(body).not.toContain('sidegate-busy');
    expect(body).toContain('1899 more are only counted');
  });

  test('link the console of a boot that failed', async () => {
    const { id: boot, name, label, cloud, zone } = plainServer();
    status.view = plainOverview({
      failedBoots: [
        {
          id: boot,
          name,
          label,
          cloud,
          zone,
          attempt: 2,
          at: '2026-11-22T10:00:00.000Z',
          code: 'server-boot-timeout',
          detail: 'waited for host keys',
          logPath: 'boot-failures/2026-11-22/x.txt',
        },
      ],
    });

    const body = await text('/');

    expect(body).toContain('1 failed boot of late');
    expect(body).toContain('href="/logs/boot-failures/2026-11-22/x.txt"');
  });

  test('say of each image of our own how builds on it went', async () => {
    status.ownImages.splice(
      0,
      9,
      plainImage({ badBuilds: 3 }),
      plainImage({ id: 'b', state: 'failed', detail: 'apt failed' }),
    );

    const body = await text('/images');

    expect(body).toMatch(/3 bad.*41 good/s);
    expect(body).toContain('apt failed');
    expect(body).toContain('href="/logs/images/1a000000/"');
  });

  test('offer to hold the server of a build that runs or failed', async () => {
    const running = plainBuild({ id: '2a1b2c3d-1111-4222-8333-444455556666', state: 'running' });
    const failed = plainBuild({ id: '3a1b2c3d-1111-4222-8333-444455556666', state: 'done', result: 'FAILURE' });
    for (const one of [running, failed]) status.details.set(one.id, one);

    expect(await text(`/build/${running.id}`)).toContain(`/holds/new?build=${running.id}`);
    expect(await text(`/build/${failed.id}`)).toContain(
      '/holds/new?project=openstack%2Fnova&amp;change=345612&amp;job=zvm-devstack-tempest',
    );
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
