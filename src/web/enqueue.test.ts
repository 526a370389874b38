import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { serve } from '../../test/web/serve.ts';
import type { Served } from '../../test/web/serve.ts';
import { createPlainStatus, plainOverview } from '../../test/web/status-fixture.ts';
import { SidegateError } from '../domain/errors.ts';
import type { Patchset } from '../domain/patchset.ts';
import { Secret } from '../domain/secret.ts';
import type { Operator } from './deps.ts';

const password = 'correct horse battery';
const queued = { project: 'openstack/nova', number: 345_612, patchset: 3 } as Patchset;

let served: Served;
let asked: object[];

const operator = {
  password: new Secret(password),
  enqueue: async (request) => {
    asked.push(request);
    if (request.change !== '345612') throw new SidegateError('not-found', `"${request.change}" is no change.`);
    return queued;
  },
} satisfies Partial<Operator> as unknown as Operator;

beforeEach(async () => {
  asked = [];
  served = await serve(createPlainStatus(plainOverview()), { operator });
});
afterEach(() => served.stop());

const asAda = {
  'Sec-Fetch-Site': 'same-origin',
  Authorization: `Basic ${Buffer.from(`ada:${password}`).toString('base64')}`,
};

function post(body: string, headers: Record<string, string> = asAda) {
  const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
  return fetch(`${served.url}/enqueue`, { method: 'POST', redirect: 'manual', headers: { ...type, ...headers }, body });
}

describe('the page that queues a change', () => {
  test('is a form for operators', async () => {
    const stranger = await fetch(`${served.url}/enqueue`);
    const answer = await fetch(`${served.url}/enqueue`, { headers: asAda });

    expect(stranger.status).toBe(401);
    expect(await answer.text()).toContain('<form action="/enqueue" method="post">');
  });

  test('queues it and shows its builds', async () => {
    const answer = await post('change=345612&gerrit=');

    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/builds?change=345612']);
    expect(asked).toEqual([{ change: '345612', gerrit: undefined }]);
  });

  test('says what is wrong, and keeps what was typed, as text', async () => {
    const answer = await post(`change=${encodeURIComponent('"><script>alert(1)</script>')}`);
    const body = await answer.text();

    expect(answer.status).toBe(400);
    expect(body).toContain('is no change.');
    expect(body).toContain('value="&quot;&gt;&lt;script&gt;');
    expect(body).not.toContain('<script>alert');
  });

  test('does nothing for strangers, for forms of other pages, and for what is no change', async () => {
    const { Authorization: _, ...stranger } = asAda;
    const answers = [
      await post('change=345612', stranger),
      await post('change=345612', { ...asAda, 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' }),
      await post('other=345612'),
    ];

    expect(answers.map(({ status }) => status)).toEqual([401, 403, 400]);
    expect(asked).toEqual([]);
  });

  test('without a password it says which command does it', async () => {
    await served.stop();
    served = await serve(createPlainStatus(plainOverview()), {});

    const body = await (await fetch(`${served.url}/enqueue`)).text();

    expect(body).toContain('sidegate enqueue CHANGE');
    expect(body).not.toContain('<form');
  });
});
