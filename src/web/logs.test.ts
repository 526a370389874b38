import { execFileSync } from 'node:child_process';
import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rawGet, serve } from '../../test/web/serve.ts';
import type { Served } from '../../test/web/serve.ts';
import { createPlainStatus, plainOverview } from '../../test/web/status-fixture.ts';

const folder = '12/345612/3/check/job/0a1b2c3';
let served: Served;

beforeAll(async () => {
  served = await serve(createPlainStatus(plainOverview()));
  const { archive, home, logsRoot } = served;
  await archive.write(`${folder}/job-output.txt`, '0123456789');
  await archive.write(`${folder}/empty.txt`, '');
  await archive.write(`${folder}/evil.html`, '<script>alert(1)</script>');
  await archive.write(`${folder}/evil.svg`, '<svg onload="alert(1)"/>');
  await archive.write(`${folder}/packed.txt.gz`, gzipSync('hello packed'));
  await archive.write(`${folder}/<img src=x onerror=alert(1)>.txt`, 'x');
  await archive.write(`${folder}/100% sure?#.txt`, 'odd');
  await writeFile(join(home, 'secret'), 'secret');
  await writeFile(join(logsRoot, folder, '.hidden'), 'secret');
  await mkdir(join(home, 'outside'));
  await writeFile(join(home, 'outside/secret'), 'secret');
  await symlink(join(home, 'secret'), join(logsRoot, folder, 'link'));
  await symlink(join(home, 'outside'), join(logsRoot, 'outside'));
  await symlink('job-output.txt', join(logsRoot, folder, 'inner'));
  execFileSync('mkfifo', [join(logsRoot, folder, 'pipe')]);
  await writeFile(join(logsRoot, 'big.log'), 'x');
  await truncate(join(logsRoot, 'big.log'), 300_000_000);
});

afterAll(() => served.stop());

const get = (name: string, headers: Record<string, string> = {}) =>
  rawGet(served.url, `/logs/${folder}/${name}`, { headers });

describe('a name of older log trees', () => {
  test('leads to where the file is today', async () => {
    const { headers, status } = await get('console.html.gz');

    expect([status, headers['location']]).toEqual([302, `/logs/${folder}/job-output.txt`]);
    expect((await get('nothing.html')).status).toBe(404);
  });
});

describe('an address that leaves the logs', () => {
  test.each([
    '/logs/../secret',
    '/logs/../../../../etc/passwd',
    '/logs/%2e%2e/secret',
    '/logs/%2e%2e%2fsecret',
    '/logs/..%2fsecret',
    '/logs/..%5csecret',
    '/logs/..\\secret',
    '/logs/%252e%252e/secret',
    '/logs/.%2e/secret',
    '/logs//etc/passwd',
    '/logs///secret',
    '/logs/%2fetc%2fpasswd',
    '/logs/./secret',
    `/logs/${folder}/../../../../../../../secret`,
    `/logs/${folder}/.hidden`,
    `/logs/${folder}/%2ehidden`,
    `/logs/${folder}/link`,
    `/logs/${folder}/inner`,
    '/logs/outside/secret',
    '/logs/outside/',
    `/logs/${folder}/pipe`,
    `/logs/${folder}/job-output.txt%00.html`,
    `/logs/${folder}/job-output.txt%0d%0aX-Evil:%201`,
    `/logs/${folder}/%ff%fe`,
    `/logs/${folder}/%`,
    `/logs/${folder}/job-output.txt/more`,
    `/logs/${'x'.repeat(300)}`,
    `/logs/${'x/'.repeat(3000)}`,
  ])('%s is refused', async (path) => {
    const answer = await rawGet(served.url, path);

    expect([400, 404]).toContain(answer.status);
    expect(String(answer.body)).not.toContain('secret\n');
    expect(String(answer.body)).not.toMatch(/^secret$|root:/);
  });
});

describe('a file of the logs', () => {
  test('is plain text that cannot act', async () => {
    const answer = await get('job-output.txt');

    expect(answer.status).toBe(200);
    expect(String(answer.body)).toBe('0123456789');
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    expect(answer.headers['content-security-policy']).toMatch(/^sandbox; default-src 'none'/);
  });

  test('may be a page, in a sandbox without script', async () => {
    const answer = await get('evil.html');

    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.headers['content-security-policy']).toBe(
      "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    );
  });

  test('is no drawing, because drawings carry script', async () => {
    expect((await get('evil.svg')).headers['content-type']).toBe('text/plain; charset=utf-8');
  });

  test('with odd characters in its name is found', async () => {
    expect(String((await get(`${encodeURIComponent('100% sure?#.txt')}`)).body)).toBe('odd');
  });

  test('may be empty', async () => {
    const answer = await get('empty.txt');

    expect([answer.status, answer.headers['content-length'], answer.body.length]).toEqual([200, '0', 0]);
  });

  test('is given in part', async () => {
    const answer = await get('job-output.txt', { range: 'bytes=2-4' });

    expect([answer.status, String(answer.body)]).toEqual([206, '234']);
    expect(answer.headers['content-range']).toBe('bytes 2-4/10');
  });

  test('says its size where the asked part is not there', async () => {
    const answer = await get('job-output.txt', { range: 'bytes=10-' });

    expect([answer.status, answer.headers['content-range']]).toEqual([416, 'bytes */10']);
  });

  test('is not sent again when nothing changed, and whole when the part belongs to another version', async () => {
    const etag = (await get('job-output.txt')).headers.etag ?? '';

    expect((await get('job-output.txt', { 'if-none-match': etag })).status).toBe(304);
    expect((await get('job-output.txt', { 'if-range': '"old"', range: 'bytes=2-4' })).status).toBe(200);
    expect((await get('job-output.txt', { 'if-range': etag, range: 'bytes=2-4' })).status).toBe(206);
  });

  test('that is packed is sent packed to who understands, unpacked to the others', async () => {
    const packed = await get('packed.txt.gz', { 'accept-encoding': 'br, gzip' });
    const plain = await get('packed.txt.gz', { 'accept-encoding': 'gzip;q=0' });

    expect([packed.headers['content-encoding'], packed.headers['content-type']]).toEqual([
      'gzip',
      'text/plain; charset=utf-8',
    ]);
    expect(packed.body.subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
    expect([plain.headers['content-encoding'], String(plain.body)]).toEqual([undefined, 'hello packed']);
  });

  test('of any size is streamed, and its headers come without it', async () => {
    const head = await rawGet(served.url, '/logs/big.log', { method: 'HEAD' });
    const end = await rawGet(served.url, '/logs/big.log', { headers: { range: 'bytes=-5' } });
    const before = process.memoryUsage().arrayBuffers;
    const answer = await fetch(`${served.url}/logs/big.log`);
    const reader = answer.body?.getReader();
    await reader?.read();
    const grown = process.memoryUsage().arrayBuffers - before;
    await reader?.cancel();

    expect([head.status, head.headers['content-length'], head.body.length]).toEqual([200, '300000000', 0]);
    expect(end.body.length).toBe(5);
    expect(grown).toBeLessThan(50_000_000);
  });
});

describe('a folder of the logs', () => {
  test('is listed with escaped names, without links, pipes and dot files', async () => {
    const body = String((await get('')).body);

    expect(body).toContain('job-output.txt');
    expect(body).toContain('&lt;img src=x onerror=alert(1)&gt;.txt');
    expect(body).not.toContain('<img');
    expect(body).not.toMatch(/\.hidden|>link<|>inner<|>pipe</);
  });

  test('is found without its slash too', async () => {
    const answer = await rawGet(served.url, `/logs/${folder}`);

    expect([answer.status, answer.headers.location]).toEqual([301, `/logs/${folder}/`]);
  });

  test('is empty where nothing has been logged yet', async () => {
    const empty = await serve(createPlainStatus(plainOverview()));

    const answer = await rawGet(empty.url, '/logs/');
    await empty.stop();

    expect([answer.status, String(answer.body).includes('This folder is empty')]).toEqual([200, true]);
  });
});
