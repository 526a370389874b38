import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prepareStoredBuilds } from '../../test/flow/stored-flow.ts';
import type { StoredBuilds } from '../../test/flow/stored-flow.ts';
import { readersOf } from '../../test/flow/stored-readers.ts';
import type { Ended } from '../../test/flow/ended-builds.ts';
import { rawGet, serve } from '../../test/web/serve.ts';
import type { Served } from '../../test/web/serve.ts';
import { createPlainStatus, plainOverview } from '../../test/web/status-fixture.ts';

let builds: StoredBuilds;
let build: Ended;
let served: Served;

beforeAll(async () => {
  builds = await prepareStoredBuilds();
  build = await builds.ended(1);
  await builds.archive.write(`${build.logPath}job-output.txt`, '0123456789\nsecond line\n');
  await builds.archive.write(`${build.logPath}logs/n-cpu.txt.gz`, gzipSync('packed text\n'));
  await builds.archive.write(`${build.logPath}evil.html`, '<script>alert(1)</script>');
  await builds.archive.write(`${build.logPath}empty.txt`, '');
  await builds.upload();
  await builds.query(`update log_uploads set stored_at = now() - interval '9 days'`);
  await builds.leaveLocal();
  served = await serve(createPlainStatus(plainOverview()), { storedLogs: readersOf(builds).storedLogs });
});
afterAll(async () => {
  await served.stop();
  await builds.drop();
});

const get = (name: string, headers: Record<string, string> = {}) =>
  rawGet(served.url, `/logs/${build.logPath}${name}`, { headers });

describe('logs that are in the object store alone', () => {
  test('are served under their address, in whole and in part', async () => {
    const whole = await get('job-output.txt');
    const part = await get('job-output.txt', { range: 'bytes=2-4' });
    const end = await get('job-output.txt', { range: 'bytes=-5' });

    expect([whole.status, String(whole.body)]).toEqual([200, '0123456789\nsecond line\n']);
    expect([part.status, String(part.body), part.headers['content-range']]).toEqual([206, '234', 'bytes 2-4/23']);
    expect([String(end.body), String((await get('empty.txt')).body)]).toEqual(['line\n', '']);
    expect((await get('job-output.txt', { 'if-none-match': whole.headers.etag ?? '' })).status).toBe(304);
  });

  test('act no more than local ones', async () => {
    const page = await get('evil.html');

    expect(page.headers['content-security-policy']).toMatch(/^sandbox; default-src 'none'/);
  });

  test('that are packed are sent packed, or unpacked', async () => {
    const packed = await get('logs/n-cpu.txt.gz', { 'accept-encoding': 'gzip' });

    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(String((await get('logs/n-cpu.txt.gz')).body)).toBe('packed text\n');
  });

  test('open in the viewer', async () => {
    const view = async (name: string) => String((await rawGet(served.url, `/view/${build.logPath}${name}`)).body);

    expect(await view('job-output.txt?find=second')).toContain('second line');
    expect(await view('logs/n-cpu.txt.gz')).toContain('packed text');
  });

  test('are listed, also in the folders above', async () => {
    const folder = String((await get('')).body);
    const [first = ''] = build.logPath.split('/');

    expect(folder).toMatch(/job-output\.txt[^]*evil\.html|evil\.html[^]*job-output\.txt/);
    expect(folder).toContain('logs/');
    expect(String((await rawGet(served.url, '/logs/')).body)).toContain(`${first}/`);
    expect((await rawGet(served.url, `/logs/${build.logPath.replace(/\/$/, '')}`)).status).toBe(301);
  });

  test('are read by the page of the build', async () => {
    const { archive } = readersOf(builds);

    expect((await archive.list(build.logPath)).map(({ path }) => path.slice(build.logPath.length))).toContain(
      'logs/n-cpu.txt.gz',
    );
    expect(await archive.size(`${build.logPath}job-output.txt`)).toBe(23);
    expect(String(await archive.read(`${build.logPath}job-output.txt`, 11, 6))).toBe('second');
    expect(String(await archive.read(`${build.logPath}job-output.txt`, 99, 6))).toBe('');
  });

  test('cost the store nothing where an address means nothing', async () => {
    builds.stores.simulator.requests.length = 0;

    expect((await rawGet(served.url, '/logs/99/1/2/check/job/abcdef0/x.txt')).status).toBe(404);
    expect((await rawGet(served.url, '/view/nothing')).status).toBe(404);
    expect(builds.stores.simulator.requests).toEqual([]);
    expect((await get('gone.txt')).status).toBe(404);
  });

  test('are out of reach while the store is, and the page says so', async () => {
    builds.stores.simulator.interfere = () => ({ status: 503 });
    const answers = [await get('job-output.txt'), await rawGet(served.url, `/view/${build.logPath}job-output.txt`)];
    builds.stores.simulator.interfere = () => undefined;

    expect(answers.map(({ status }) => status)).toEqual([503, 503]);
    expect(String(answers[0]?.body)).toContain('in an object store');
  });
});
