import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { serve } from '../../test/web/serve.ts';
import type { Served } from '../../test/web/serve.ts';
import { createPlainStatus, plainBuild, plainHold, plainOverview } from '../../test/web/status-fixture.ts';
import type { PlainStatus } from '../../test/web/status-fixture.ts';
import { SidegateError } from '../domain/errors.ts';
import { Secret } from '../domain/secret.ts';
import type { HoldRequest, Operator } from './deps.ts';

const build = plainBuild({ id: '0a1b2c3d-1111-4222-8333-444455556666', state: 'running' });
const held = plainHold();
const password = 'correct horse battery';
const fields = { build: '0a1b2c3', reason: 'resize hangs', key: 'ssh-ed25519 AAAA ada@host', ttl: '240' };

let status: PlainStatus;
let served: Served;
let requests: HoldRequest[];
let ends: { id: string; by: string }[];
let refusal: string | undefined;

const operator: Operator = {
  password: new Secret(password),
  decideReport: () => Promise.reject(new Error('not asked for')),
  resumeReports: () => Promise.reject(new Error('not asked for')),
  maxTtl: 24 * 3_600_000,
  requestHold: async (request) => {
    requests.push(request);
    if (refusal !== undefined) throw new SidegateError('hold-refused', refusal);
    return held.id;
  },
  endHold: async (id, by) => {
    ends.push({ id, by });
    return id === held.id;
  },
  drainBackend: () => Promise.reject(new Error('not asked for')),
  resumeBackend: async () => false,
  enqueue: () => Promise.reject(new Error('not asked for')),
};

beforeEach(async () => {
  status = createPlainStatus(plainOverview(), [build]);
  status.heldServers.push(held);
  [requests, ends, refusal] = [[], [], undefined];
  served = await serve(status, { operator });
});

afterEach(() => served.stop());

function basic(user: string, secret: string): Record<string, string> {
  return { Authorization: `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}` };
}

interface Sent {
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

const fromUs = { 'Sec-Fetch-Site': 'same-origin' };
const asAda = { ...fromUs, ...basic('ada', password) };

function post(path: string, { headers = asAda, body = new URLSearchParams(fields).toString() }: Sent = {}) {
  const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
  return fetch(served.url + path, { method: 'POST', redirect: 'manual', headers: { ...type, ...headers }, body });
}

async function text(path: string, headers: Record<string, string> = {}): Promise<string> {
  return await (await fetch(served.url + path, { headers })).text();
}

describe('the list of held servers', () => {
  test('tells everybody who holds what for which reason, and how to log in', async () => {
    const body = await text('/holds');

    expect(body).toContain('resize hangs');
    expect(body).toContain('<b>ada</b>');
    expect(body).toContain('ssh ubuntu@192.0.2.10');
    expect(body).toContain(`/build/${held.heldBuild}`);
  });

  test('names the port where it is not the usual one', async () => {
    status.heldServers.splice(0, 1, plainHold({ login: { user: 'zuul', address: '192.0.2.1', port: 2222 } }));

    expect(await text('/holds')).toContain('ssh -p 2222 zuul@192.0.2.1');
  });

  test('says that the key is not on the server yet, and what hinders it', async () => {
    status.heldServers.splice(0, 1, plainHold({ keyAdded: false, detail: 'SSH does not answer' }));

    const body = await text('/holds');

    expect(body).toContain('The key is not on it yet.');
    expect(body).toContain('SSH does not answer');
  });
});

describe('an operator', () => {
  test('asks for a hold of the build with these first digits, under the own name', async () => {
    const answer = await post('/holds/new');

    expect([answer.status, answer.headers.get('Location')]).toEqual([303, `/holds#hold-${held.id}`]);
    expect(requests).toEqual([
      {
        build: build.id,
        project: undefined,
        changeNumber: undefined,
        job: undefined,
        reason: 'resize hangs',
        requestedBy: 'ada',
        sshKey: fields.key,
        ttl: 4 * 3_600_000,
      },
    ]);
  });

  test('asks for the next failure of a change', async () => {
    const wish = { ...fields, build: '', project: 'openstack/nova', change: '345612', job: '' };

    await post('/holds/new', { body: new URLSearchParams(wish).toString() });

    expect(requests).toMatchObject([
      { build: undefined, project: 'openstack/nova', changeNumber: 345612, job: undefined },
    ]);
  });

  test('reads why a hold is refused and finds the form as it was', async () => {
    refusal = 'the SSH key has <two> lines.';

    const answer = await post('/holds/new');

    const body = await answer.text();
    expect(answer.status).toBe(400);
    expect(body).toContain('the SSH key has &lt;two&gt; lines.');
    expect(body).toContain('value="resize hangs"');
    expect(body).toContain(fields.key);
  });

  test('is told of a build that is not there', async () => {
    const body = new URLSearchParams({ ...fields, build: 'fffffff' }).toString();

    expect(await (await post('/holds/new', { body })).text()).toContain('there is no build fffffff');
    expect(requests).toEqual([]);
  });

  test.each([
    { ...fields, ttl: 'long' },
    { ...fields, change: '-1' },
    { ...fields, project: 'a\0b' },
    { ...fields, key: 'x'.repeat(16_001) },
    { reason: 'no other field' },
  ])('cannot send fields that make no sense: %j', async (sent) => {
    const body = new URLSearchParams(sent as Record<string, string>).toString();

    expect((await post('/holds/new', { body })).status).toBe(400);
    expect(requests).toEqual([]);
  });

  test('lets a server go', async () => {
    const answer = await post(`/holds/${held.id}/end`, { body: '' });

    expect([answer.status, ends]).toEqual([303, [{ id: held.id, by: 'ada' }]]);
  });

  test('is told that there is nothing to let go', async () => {
    expect((await post('/holds/00000000-0000-4000-8000-000000000000/end', { body: '' })).status).toBe(404);
    expect((await post('/holds/%27/end', { body: '' })).status).toBe(404);
  });

  test('gets a form that is filled in from the link', async () => {
    const body = await text('/holds/new?build=0a1b2c3&change=12', basic('ada', password));

    expect(body).toContain('Logged in as <b>ada</b>');
    expect(body).toContain('value="0a1b2c3"');
    expect(body).toContain('value="12"');
    expect(body).toMatch(/value="240"\s+selected/);
    expect(body).not.toContain('168 hours');
  });
});

describe('who is no operator', () => {
  test.each([
    ['without a login', fromUs],
    ['with a wrong password', { ...fromUs, ...basic('ada', `${password}x`) }],
    ['without a name', { ...fromUs, ...basic('', password) }],
    ['with a broken header', { ...fromUs, Authorization: 'Basic ???' }],
  ])('can do nothing %s', async (_, headers) => {
    const answers = [await post('/holds/new', { headers }), await post(`/holds/${held.id}/end`, { headers })];

    expect(answers.map((answer) => answer.status)).toEqual([401, 401]);
    expect(answers[0]?.headers.get('WWW-Authenticate')).toMatch(/^Basic realm=/);
    expect([requests, ends]).toEqual([[], []]);
  });

  test('cannot guess on and on, whatever the next password is', async () => {
    const wrong = { ...fromUs, ...basic('ada', 'wrong') };
    for (let count = 0; count < 10; count += 1) await post('/holds/new', { headers: wrong });

    const answer = await post('/holds/new');

    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get('Retry-After'))).toBeGreaterThan(0);
    expect(requests).toEqual([]);
  });

  test.each([
    ['another site', { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' }],
    ['a site beside ours', { 'Sec-Fetch-Site': 'same-site', Origin: 'https://other.example.org' }],
    ['a page without an origin', { Origin: 'null' }],
    ['nobody knows where', {}],
  ])('cannot make an operator’s browser send the form from %s', async (_, headers) => {
    const answer = await post('/holds/new', { headers: { ...basic('ada', password), ...headers } });

    expect([answer.status, requests]).toEqual([403, []]);
  });

  test('but a form from the public address is taken, though the proxy speaks plain HTTP with us', async () => {
    const headers = { ...basic('ada', password), Origin: 'https://ci.example.org' };

    expect((await post('/holds/new', { headers })).status).toBe(303);
  });

  test('cannot send anything but a form', async () => {
    const headers = { ...asAda, 'Content-Type': 'application/json' };

    expect((await post('/holds/new', { headers, body: JSON.stringify(fields) })).status).toBe(415);
  });

  test('cannot send very much', async () => {
    const body = new URLSearchParams({ ...fields, reason: 'x'.repeat(40_000) }).toString();

    expect((await post('/holds/new', { body })).status).toBe(413);
  });
});

describe('without an operator password', () => {
  beforeEach(async () => {
    await served.stop();
    served = await serve(status);
  });

  test('the page tells the command instead, with nothing a shell would act on', async () => {
    const body = await text('/holds/new?build=0a1b2c3&job=%24%28reboot%29');

    expect(body).toContain('sidegate hold --build 0a1b2c3 --key');
    expect(body).not.toContain('reboot');
  });

  test('nothing can be changed', async () => {
    const answers = [await post('/holds/new'), await post(`/holds/${held.id}/end`)];

    expect(answers.map((answer) => answer.status)).toEqual([403, 403]);
    expect(await text('/holds')).not.toContain('<form');
  });
});
