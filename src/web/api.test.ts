import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { serve } from '../../test/web/serve.ts';
import type { Served } from '../../test/web/serve.ts';
import { createPlainStatus, plainBuild, plainOverview } from '../../test/web/status-fixture.ts';
import type { Health } from './server.ts';

const startedAt = '2026-11-22T10:00:00.000Z';
const files = ['job-output.txt', 'junit.xml.gz', 'zuul-manifest.json'].map((path) => ({ path, size: 1 }));
const good = plainBuild({
  id: '0a1b2c3d-1111-4222-8333-444455556666',
  state: 'done',
  startedAt,
  result: 'SUCCESS',
  tests: { passed: 1, failed: 0, skipped: 0 },
  artifacts: files,
});
const bad = plainBuild({
  id: '1a1b2c3d-1111-4222-8333-444455556666',
  state: 'done',
  startedAt,
  result: 'FAILURE',
  job: 'zvm-scenario',
});
let served: Served;
let health: () => Promise<Health>;

beforeEach(async () => {
  health = async () => ({ ok: true, checks: { database: 'ok' } });
  served = await serve(createPlainStatus(plainOverview(), [good, bad]), { health: () => health() });
});

afterEach(() => served.stop());

async function get(path: string): Promise<{ status: number; data: unknown }> {
  const answer = await fetch(served.url + path);
  return { status: answer.status, data: await answer.json() };
}

describe('the JSON interface', () => {
  test.each([
    ['', [good.id, bad.id]],
    ['?result=FAILURE', [bad.id]],
    ['?job=zvm-scenario&change=345612', [bad.id]],
    ['?change=1', []],
    ['?limit=1', [good.id]],
    ['?change=&project=&job=&result=', [good.id, bad.id]],
  ])('lists builds for %j', async (query, ids) => {
    const { data } = await get(`/api/builds${query}`);

    expect(data).toEqual(ids.map((id) => expect.objectContaining({ id })));
  });

  test.each(['?limit=100000', '?change=abc', '?change=-1', '?result=MAYBE', `?job=${'x'.repeat(201)}`])(
    'refuses %s',
    async (query) => {
      const { status, data } = await get(`/api/builds${query}`);

      expect([status, data]).toEqual([400, { error: { code: 'bad-request', detail: expect.any(String) } }]);
    },
  );

  test('gives one build with its public addresses', async () => {
    const { data } = await get('/api/builds/0a1b2c3');

    expect(data).toMatchObject({
      id: good.id,
      url: `https://ci.example.org/build/${good.id}`,
      logUrl: `https://ci.example.org/logs/${good.logPath}`,
    });
  });

  test('names manifest and test results as Zuul’s does, once they are there', async () => {
    const logUrl = `https://ci.example.org/logs/${good.logPath}`;
    const manifest = {
      name: 'Zuul Manifest',
      url: `${logUrl}zuul-manifest.json`,
      metadata: { type: 'zuul_manifest' },
    };
    const results = { name: 'JUnit results', url: `${logUrl}junit.xml.gz`, metadata: { type: 'unit_test_report' } };

    const [row, other] = (await get('/api/builds')).data as readonly Record<string, unknown>[];
    const { data: whole } = await get('/api/builds/0a1b2c3');
    const { data: expired } = await get('/api/builds/1a1b2c3');

    expect(row?.['artifacts']).toEqual([manifest, results]);
    expect(other?.['artifacts']).toEqual([{ ...manifest, url: manifest.url.replace(good.logPath, bad.logPath) }]);
    expect(whole).toMatchObject({ artifacts: [manifest, results], files });
    expect(expired).toMatchObject({ artifacts: [], files: [] });
  });

  test('answers 404 for a build that is not there', async () => {
    expect((await get('/api/builds/fffffff')).status).toBe(404);
  });

  test('gives the whole status', async () => {
    expect((await get('/api/status')).data).toMatchObject({ name: 'IBM z/VM CI', running: [] });
  });
});

describe('the health address', () => {
  test('answers 200 when all is well', async () => {
    expect(await get('/healthz')).toEqual({ status: 200, data: { ok: true, checks: { database: 'ok' } } });
  });

  test('answers 503 when something is wrong', async () => {
    health = async () => ({ ok: false, checks: { database: 'gone' } });

    expect(await get('/healthz')).toEqual({ status: 503, data: { ok: false, checks: { database: 'gone' } } });
  });

  test('answers 503 when the check itself breaks, without telling why', async () => {
    health = () => Promise.reject(new Error('secret'));

    expect(await get('/healthz')).toEqual({ status: 503, data: { ok: false, checks: { health: 'failed' } } });
  });
});
