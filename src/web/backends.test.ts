import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openEvents, serve } from '../../test/web/serve.ts';
import type { Served } from '../../test/web/serve.ts';
import { createPlainStatus, plainBackend, plainOverview, plainSlot } from '../../test/web/status-fixture.ts';
import type { PlainStatus } from '../../test/web/status-fixture.ts';
import { SidegateError } from '../domain/errors.ts';
import { Secret } from '../domain/secret.ts';
import type { BackendRow } from '../ports/status.ts';
import type { Operator } from './deps.ts';

const password = 'correct horse battery';
const drained = { by: 'ada', reason: 'new disks in the pool', since: '2026-11-22T10:00:00.000Z' };
const busy = plainSlot({
  prefix: 'ZB',
  state: 'leased',
  generation: 12,
  workerPrefix: 'ZBC',
  build: '0a1b2c3d-1111-4222-8333-444455556666',
  change: '345612,3',
  guard: { url: 'http://10.4.0.2:35021', open: true },
});
const quarantined = plainSlot({
  prefix: 'ZC',
  state: 'quarantined',
  workerPrefix: 'ZC9',
  detail: 'ZC900004: image definition is locked',
  sweepAttempts: 6,
  nextTryAt: '2099-11-22T10:00:00.000Z',
});

let status: PlainStatus;
let served: Served;
let drains: { backend: string; by: string; reason: string }[];
let resumed: string[];

const operator: Operator = {
  password: new Secret(password),
  decideReport: () => Promise.reject(new Error('not asked for')),
  resumeReports: () => Promise.reject(new Error('not asked for')),
  maxTtl: 3_600_000,
  requestHold: () => Promise.reject(new Error('not asked for')),
  endHold: async () => false,
  drainBackend: async (request) => {
    if (request.reason === '') throw new SidegateError('drain-refused', 'say for <what> reason.');
    drains.push(request);
  },
  resumeBackend: async (backend) => {
    resumed.push(backend);
    return backend === 'zvm-b';
  },
  enqueue: () => Promise.reject(new Error('not asked for')),
};

beforeEach(async () => {
  status = createPlainStatus(plainOverview());
  show(plainBackend(), plainBackend({ name: 'zvm-b', drained }));
  [drains, resumed] = [[], []];
  served = await serve(status, { operator });
});

afterEach(() => served.stop());

function show(...backends: readonly BackendRow[]): void {
  status.view = { ...status.view, backends };
}

function basic(user: string, secret: string): Record<string, string> {
  return { Authorization: `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}` };
}

const fromUs = { 'Sec-Fetch-Site': 'same-origin' };
const asAda = { ...fromUs, ...basic('ada', password) };

function post(path: string, { headers = asAda as Record<string, string>, reason = 'new disks' } = {}) {
  const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const body = new URLSearchParams({ reason }).toString();
  return fetch(served.url + path, { method: 'POST', redirect: 'manual', headers: { ...type, ...headers }, body });
}

/** White space of the markup is one space. */
async function text(path: string, headers: Record<string, string> = {}): Promise<string> {
  return (await (await fetch(served.url + path, { headers })).text()).replaceAll(/\s+/g, ' ');
}

describe('the page of the back ends', () => {
  test('says who uses which slot, by which userids and through which guard', async () => {
    show(plainBackend({ slots: [busy, plainSlot({ prefix: 'ZD' })] }));

    const body = await text('/backends');

    expect(body).toContain('1 of 1 back end in use, 1 of 2 slots free');
    expect(body).toMatch(/ZBC….*generation 12/s);
    expect(body).toContain('http://10.4.0.2:35021');
    expect(body).toMatch(/href="\/build\/0a1b2c3d-1111-4222-8333-444455556666"\s*>345612,3</);
    expect(body).not.toContain('Not open');
  });

  test('says that a worker’s guard is not open', async () => {
    show(plainBackend({ slots: [{ ...busy, guard: { url: 'http://10.4.0.2:35021', open: false } }] }));

    expect(await text('/backends')).toContain('Not open');
  });

  test('says what keeps a slot in quarantine, and when it is tried again', async () => {
    show(plainBackend({ slots: [quarantined] }));

    const body = await text('/backends');

    expect(body).toContain('quarantined');
    expect(body).toContain('ZC900004: image definition is locked');
    expect(body).toContain('6 sweeps failed, next try in');
    expect(body).toContain('1 slot quarantined');
  });

  test('says who took a back end out of use and why', async () => {
    const body = await text('/backends');

    expect(body).toMatch(/Taken out of use<\/b> by ada,.*new disks in the pool/s);
    expect(body).toContain('1 of 2 back ends in use, 2 of 4 slots free');
  });

  test('does not call for attention when a back end is out of order in its maintenance window', async () => {
    const sick = plainBackend({ healthy: false, sickSince: '2026-11-22T10:00:00.000Z', detail: 'no answer' });
    show(sick);
    const before = await text('/backends');
    show({ ...sick, maintenance: { until: '2099-11-22T11:00:00.000Z', reason: 'monthly IPL' } });

    const during = await text('/backends');

    expect(before).toContain('Needs attention');
    expect(during).not.toContain('Needs attention');
    expect(during).toMatch(/Maintenance<\/b> until 2099-11-22 11:00.*monthly IPL/s);
    expect(during).toContain('no answer');
  });

  test('tells what room is left and when the next maintenance is', async () => {
    const nextMaintenance = { from: '2026-11-29T02:00:00.000Z', until: '2026-11-29T04:30:00.000Z', reason: 'IPL' };
    show(plainBackend({ room: { memory: 98_304, disk: 2048 }, nextMaintenance }), plainBackend({ room: undefined }));

    const body = await text('/backends');

    expect(body).toContain('96 GiB');
    expect(body).toContain('2 TiB');
    expect(body).toContain('not told');
    expect(body).toMatch(/Sun 2026-11-29 02:00.*for 2h 30m, IPL/s);
  });

  test('says so where no back end is configured', async () => {
    show();

    expect(await text('/backends')).toContain('No back end is configured.');
  });

  test('changes before the reader’s eyes', async () => {
    const events = await openEvents(`${served.url}/live/backends`);
    await events.until((seen) => seen.includes('event: backends'));

    show(plainBackend({ drained: { ...drained, reason: 'a tape is stuck' } }));
    status.changed();
    const seen = await events.until((more) => more.includes('a tape is stuck'));

    events.close();
    expect(seen).toContain('Drained');
  });

  test('keeps hostile text text', async () => {
    const evil = '<img src=x onerror="alert(1)">\u001b[31m\u202e';
    const window = { from: '2026-11-29T02:00:00.000Z', until: '2026-11-29T04:30:00.000Z', reason: evil };
    show(
      plainBackend({
        name: evil,
        system: `${evil}2`,
        detail: evil,
        healthy: false,
        sickSince: evil,
        drained: { by: evil, reason: evil, since: evil },
        maintenance: window,
        nextMaintenance: window,
        slots: [
          plainSlot({
            prefix: evil,
            state: 'quarantined',
            workerPrefix: evil,
            build: evil,
            change: evil,
            guard: { url: evil, open: false },
            detail: evil,
            nextTryAt: evil,
          }),
        ],
      }),
    );

    for (const path of ['/backends', '/', `/backends/${encodeURIComponent(evil)}/drain`]) {
      const body = await text(path, basic('ada', password));
      expect(body).toContain('&lt;img');
      for (const sign of ['<img', 'onerror="', '\u202e', '\u001b']) expect(body).not.toContain(sign);
    }
  });
});

describe('the picture on the status page', () => {
  test('tells a back end that is drained, and one in maintenance, and what is quarantined', async () => {
    const maintenance = { until: '2099-11-22T11:00:00.000Z', reason: 'monthly IPL' };
    show(
      plainBackend({ name: 'a', drained }),
      plainBackend({ name: 'b', maintenance, healthy: false }),
      plainBackend({ name: 'c', slots: [quarantined] }),
    );

    const body = await text('/');

    expect(body).toContain('Drained');
    expect(body).toContain('By ada: new disks in the pool');
    expect(body).toContain('Until 2099-11-22 11:00 UTC: monthly IPL');
    expect(body).toContain('href="/backends#backend-c"');
    expect(body).toContain('class="bay quarantined"');
    expect(body).toContain('<b>1 slot quarantined</b>');
    expect(body).toContain('0 of 5 slots free');
  });
});

describe('an operator', () => {
  test('takes a back end out of use, under the own name', async () => {
    const answer = await post('/backends/zvm-a/drain');

    expect([answer.status, answer.headers.get('Location')]).toEqual([303, '/backends#backend-zvm-a']);
    expect(drains).toEqual([{ backend: 'zvm-a', by: 'ada', reason: 'new disks' }]);
  });

  test('reads why that is refused', async () => {
    const answer = await post('/backends/zvm-a/drain', { reason: '' });

    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('say for &lt;what&gt; reason.');
  });

  test('takes it back into use', async () => {
    const answer = await post('/backends/zvm-b/resume');

    expect([answer.status, answer.headers.get('Location')]).toEqual([303, '/backends#backend-zvm-b']);
    expect(resumed).toEqual(['zvm-b']);
  });

  test('is told that it was in use', async () => {
    expect((await post('/backends/zvm-a/resume')).status).toBe(404);
  });

  test('cannot do that with a back end that is not there', async () => {
    const paths = ['/backends/zvm-x/drain', '/backends/%00/drain', '/backends/zvm-x/resume', '/backends/%27/resume'];

    const answers = await Promise.all(paths.map((path) => post(path)));

    expect(answers.map((answer) => answer.status)).toEqual([404, 404, 404, 404]);
    expect([drains, resumed]).toEqual([[], []]);
  });

  test('cannot give a very long reason', async () => {
    expect((await post('/backends/zvm-a/drain', { reason: 'x'.repeat(2001) })).status).toBe(400);
    expect((await post('/backends/zvm-a/drain', { reason: 'x'.repeat(40_000) })).status).toBe(413);
    expect(drains).toEqual([]);
  });

  test('finds the forms where they belong', async () => {
    const [page, form] = [await text('/backends'), await text('/backends/zvm-a/drain', basic('ada', password))];

    expect(page).toContain('action="/backends/zvm-b/resume"');
    expect(page).toContain('href="/backends/zvm-a/drain"');
    expect(form).toContain('action="/backends/zvm-a/drain"');
    expect(form).toContain('Logged in as <b>ada</b>');
  });
});

describe('who is no operator', () => {
  test.each([
    ['without a login', fromUs],
    ['with a wrong password', { ...fromUs, ...basic('ada', `${password}x`) }],
  ])('can change nothing %s', async (_, headers) => {
    const answers = [
      await post('/backends/zvm-a/drain', { headers }),
      await post('/backends/zvm-b/resume', { headers }),
      await fetch(`${served.url}/backends/zvm-a/drain`, { headers }),
    ];

    expect(answers.map((answer) => answer.status)).toEqual([401, 401, 401]);
    expect([drains, resumed]).toEqual([[], []]);
  });

  test('cannot guess on here what was guessed elsewhere', async () => {
    const wrong = { ...fromUs, ...basic('ada', 'wrong') };
    for (let count = 0; count < 5; count += 1) {
      await post('/backends/zvm-a/drain', { headers: wrong });
      await post('/holds/new', { headers: wrong });
    }

    const answer = await post('/backends/zvm-a/drain');

    expect([answer.status, drains]).toEqual([429, []]);
  });

  test.each([
    ['another site', { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' }],
    ['nobody knows where', {}],
  ])('cannot make an operator’s browser send the forms from %s', async (_, headers) => {
    const sent = { headers: { ...basic('ada', password), ...headers } };

    const answers = [await post('/backends/zvm-a/drain', sent), await post('/backends/zvm-b/resume', sent)];

    expect(answers.map((answer) => answer.status)).toEqual([403, 403]);
    expect([drains, resumed]).toEqual([[], []]);
  });

  test('cannot send anything but a form', async () => {
    const headers = { ...asAda, 'Content-Type': 'application/json' };

    expect((await post('/backends/zvm-b/resume', { headers })).status).toBe(415);
  });
});

test.each(['/backends', '/backends/zvm-a/drain', '/holds', '/holds/new'])(
  'a browser tells %s where its forms come from',
  async (path) => {
    const answer = await fetch(served.url + path, { headers: basic('ada', password) });

    expect([answer.status, answer.headers.get('Referrer-Policy')]).toEqual([200, 'same-origin']);
  },
);

describe('without an operator password', () => {
  beforeEach(async () => {
    await served.stop();
    served = await serve(status);
  });

  test('the pages tell the commands instead', async () => {
    expect(await text('/backends')).toContain('sidegate backend resume zvm-b');
    expect(await text('/backends/zvm-a/drain')).toContain('sidegate backend drain zvm-a --reason');
  });

  test('the command has nothing a shell would act on', async () => {
    show(plainBackend({ name: '$(reboot)' }), plainBackend({ name: '`reboot`', drained }));

    const pages = [await text('/backends'), await text('/backends/%24(reboot)/drain')];

    for (const page of pages) expect(page).not.toMatch(/sidegate backend \w+ [$&`]/);
  });

  test('nothing can be changed', async () => {
    const answers = [await post('/backends/zvm-a/drain'), await post('/backends/zvm-b/resume')];

    expect(answers.map((answer) => answer.status)).toEqual([403, 403]);
    expect(await text('/backends')).not.toContain('<form');
  });
});
