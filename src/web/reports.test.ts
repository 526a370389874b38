import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { serve } from '../../test/web/serve.ts';
import type { Served } from '../../test/web/serve.ts';
import { createPlainStatus, plainOverview } from '../../test/web/status-fixture.ts';
import { SidegateError } from '../domain/errors.ts';
import { Secret } from '../domain/secret.ts';
import type { HeldReport, StoppedJob } from '../ports/report-store.ts';
import type { Operator } from './deps.ts';

const password = 'correct horse battery';
const buildset = '0a1b2c3d-1111-4222-8333-444455556666';
const held: HeldReport = {
  buildset,
  patchset: {
    connection: 'review',
    project: 'openstack/nova',
    branch: 'master',
    number: 345_612,
    changeId: `I${'0'.repeat(40)}`,
    subject: 'A <script>alert(1)</script> subject',
    owner: 'dev',
    url: 'https://review.example.org/c/openstack/nova/+/345612',
    patchset: 3,
    revision: 'a'.repeat(40),
    ref: 'refs/changes/12/345612/3',
  },
  pipeline: 'check',
  message: 'Build failed (check pipeline).\n\n- job https://logs/ : FAILURE in 3s <b>',
  vote: { label: 'Verified', value: -1 },
  since: Date.UTC(2026, 10, 22),
  heldFor: 'vote',
  stoppedJob: undefined,
};

const stopped: StoppedJob = {
  job: 'zvm-tempest',
  reason: '5 changes failed alike <b>in a row</b>',
  by: undefined,
  since: Date.UTC(2026, 10, 22),
  waiting: 3,
};

let served: Served;
let decided: object[];

const operator: Operator = {
  password: new Secret(password),
  maxTtl: 3_600_000,
  requestHold: () => Promise.reject(new Error('not asked for')),
  endHold: async () => false,
  drainBackend: () => Promise.reject(new Error('not asked for')),
  resumeBackend: async () => false,
  decideReport: async (request) => {
    if (request.buildset !== buildset) throw new SidegateError('not-found', 'It does not wait.');
    decided.push(request);
  },
  resumeReports: async (request) => {
    if (request.job !== stopped.job) throw new SidegateError('not-found', 'They are not stopped.');
    decided.push(request);
    return stopped.waiting;
  },
  enqueue: () => Promise.reject(new Error('not asked for')),
};

beforeEach(async () => {
  decided = [];
  served = await serve(createPlainStatus(plainOverview()), {
    operator,
    heldReports: async () => [held],
    stoppedJobs: async () => [stopped],
  });
});
afterEach(() => served.stop());

const asAda = {
  'Sec-Fetch-Site': 'same-origin',
  Authorization: `Basic ${Buffer.from(`ada:${password}`).toString('base64')}`,
};

function post(path: string, headers: Record<string, string> = asAda) {
  const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
  return fetch(served.url + path, { method: 'POST', redirect: 'manual', headers: { ...type, ...headers }, body: '' });
}

describe('the page of reports that wait', () => {
  test('says what would be posted, as text, and offers what to do', async () => {
    const body = (await (await fetch(`${served.url}/reports`)).text()).replaceAll(/\s+/g, ' ');

    expect(body).toContain('1 report waits for a person');
    expect(body).toContain('openstack/nova 345612,3');
    expect(body).toContain('A &lt;script&gt;');
    expect(body).not.toContain('<script>alert');
    expect(body).toContain('FAILURE in 3s &lt;b&gt;');
    for (const decision of ['confirm', 'downgrade', 'drop'])
      expect(body).toContain(`action="/reports/${buildset}/${decision}"`);
  });

  test.each(['confirm', 'downgrade', 'drop'])('%s is done for an operator', async (decision) => {
    const answer = await post(`/reports/${buildset}/${decision}`);

    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/reports']);
    expect(decided).toEqual([{ buildset, decision, by: 'ada' }]);
  });

  test('nothing is done for strangers, for forms of other pages, and to what does not wait', async () => {
    const { Authorization: _, ...stranger } = asAda;
    const answers = [
      await post(`/reports/${buildset}/confirm`, stranger),
      await post(`/reports/${buildset}/confirm`, {
        ...asAda,
        'Sec-Fetch-Site': 'cross-site',
        Origin: 'https://evil.example',
      }),
      await post(`/reports/${buildset.replace('0', '1')}/confirm`),
      await post('/reports/x/confirm'),
      await post(`/reports/${buildset}/delete`),
    ];

    expect(answers.map(({ status }) => status)).toEqual([401, 403, 404, 404, 405]);
    expect(decided).toEqual([]);
  });

  test('names the jobs that are not reported, why, and what waits', async () => {
    const body = (await (await fetch(`${served.url}/reports`)).text()).replaceAll(/\s+/g, ' ');

    expect(body).toContain('1 job is not reported');
    expect(body).toContain('by the storm brake');
    expect(body).toContain('failed alike &lt;b&gt;in a row');
    expect(body).toContain('3 reports wait for it');
  });

  test.each(['rerun', 'post', 'drop'])('reports of a job go on: %s', async (waiting) => {
    const answer = await post(`/reports/jobs/zvm-tempest/${waiting}`);

    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/reports']);
    expect(decided).toEqual([{ job: 'zvm-tempest', by: 'ada', waiting }]);
  });

  test('reports of a job do not go on for strangers, and not twice', async () => {
    const { Authorization: _, ...stranger } = asAda;
    const answers = [
      await post('/reports/jobs/zvm-tempest/rerun', stranger),
      await post('/reports/jobs/other/rerun'),
      await post('/reports/jobs/zvm-tempest/forget'),
    ];

    expect(answers.map(({ status }) => status)).toEqual([401, 404, 405]);
    expect(decided).toEqual([]);
  });

  test('without a password it says which commands do it', async () => {
    await served.stop();
    served = await serve(createPlainStatus(plainOverview()), {
      heldReports: async () => [held],
      stoppedJobs: async () => [stopped],
    });

    const body = await (await fetch(`${served.url}/reports`)).text();

    expect(body).toContain('sidegate report confirm 0a1b2c3');
    expect(body).toContain('sidegate report resume zvm-tempest');
    expect(body).not.toContain('<form');
  });
});
