import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { rawGet, serve } from '../../test/web/serve.ts';
import type { Served } from '../../test/web/serve.ts';
import { createPlainStatus, plainBuild, plainOverview, plainPatchset } from '../../test/web/status-fixture.ts';
import type { PlainStatus } from '../../test/web/status-fixture.ts';
import type { BuildDetail } from '../ports/status.ts';

const evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>';
const part = 1024 * 1024;

let status: PlainStatus;
let served: Served;
beforeEach(async () => {
  status = createPlainStatus(plainOverview({}), []);
  served = await serve(status);
});
afterEach(() => served.stop());

async function addBuild(
  digit: string,
  own: Partial<BuildDetail>,
  logs: Readonly<Record<string, string | Buffer>>,
): Promise<BuildDetail> {
  const id = `${digit.repeat(8)}-1111-4222-8333-444455556666`;
  const queuedAt = `2026-11-2${digit}T10:00:00.000Z`;
  const build = plainBuild({ id, state: 'done', queuedAt, ...own });
  status.details.set(id, build);
  for (const [name, content] of Object.entries(logs)) await served.archive.write(build.logPath + name, content);
  return build;
}

const get = async (path: string) => {
  const { body, headers, status: code } = await rawGet(served.url, path);
  return { code, headers, text: String(body) };
};
const search = (fields: Readonly<Record<string, string>>) => get(`/search?${new URLSearchParams(fields).toString()}`);
const api = async (fields: Readonly<Record<string, string>>) =>
  JSON.parse((await get(`/api/search?${new URLSearchParams(fields).toString()}`)).text);

const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index + 1} of nova`);

describe('a text in logs', () => {
  test('is found in plain and packed logs, and each hit leads to its line', async () => {
    const text = [...lines(2000), 'ERROR the guest is (gone) [x]', ...lines(3)].join('\n');
    const failed = await addBuild(
      '2',
      { result: 'FAILURE' },
      { 'a/n-cpu.txt': text, 'a/packed.txt.gz': gzipSync(text) },
    );
    await addBuild('1', { result: 'SUCCESS' }, { 'a/n-cpu.txt': lines(10).join('\n') });

    const page = await search({ text: 'guest is (gone) [' });

    expect(page.text).toContain('in 1 of 1 that failed');
    expect(page.text).toContain('in 0 of 1 that passed');
    for (const name of ['a/n-cpu.txt', 'a/packed.txt.gz'])
      expect(page.text).toContain(`href="/view/${failed.logPath}${name}?line=2001#L2001"`);
    expect(page.text).toContain('ERROR the <mark>guest is (gone) [</mark>x]');
    expect(page.text).toContain('data-state="done"');
    expect(page.text).not.toContain('http-equiv');
    const shown = await get(`/view/${failed.logPath}a/packed.txt.gz?line=2001`);
    expect(shown.text).toMatch(/id="L2001"[^]{0,300}guest is \(gone\)/);
  });

  test('is found across the borders of the parts that are read', async () => {
    for (const before of [1, 3, 5, 8, 9])
      await addBuild(
        String(before),
        { result: 'FAILURE' },
        { 'big.txt': `${'x'.repeat(part - before - 1)}\nneedle-9\nend` },
      );

    expect((await api({ text: 'needle-9' })).holding).toEqual({ failed: 5, passed: 0, other: 0 });
    expect((await api({ text: 'needle-8' })).holding).toEqual({ failed: 0, passed: 0, other: 0 });
  });

  test('is found by an expression, only in some logs, in one build, and in those that fit', async () => {
    await addBuild(
      '3',
      { result: 'FAILURE', job: 'one' },
      { 'x/n-cpu.txt': 'rc 415 rs 127', 'x/n-api.txt': 'rc 415 rs 4' },
    );
    await addBuild('2', { result: 'FAILURE', job: 'two', pipeline: 'gate' }, { 'x/n-cpu.txt': 'rc 415 rs 9' });
    const expired = { at: '2026-11-30T00:00:00.000Z', why: 'age' } as const;
    await addBuild('1', { result: 'FAILURE', job: 'two', logsExpired: expired }, { 'x/n-cpu.txt': 'rc 415 rs 9' });
    const found = async (fields: Readonly<Record<string, string>>) =>
      (await api({ text: String.raw`rc 415 rs \d+$`, regex: '1', ...fields })).found.flatMap(
        ({ build, logs }: { build: string; logs: { name: string }[] }) => logs.map(({ name }) => `${build[0]} ${name}`),
      );

    expect(await found({})).toEqual(['3 x/n-api.txt', '3 x/n-cpu.txt', '2 x/n-cpu.txt']);
    expect(await found({ logs: 'n-cpu' })).toEqual(['3 x/n-cpu.txt', '2 x/n-cpu.txt']);
    expect(await found({ pipeline: 'gate' })).toEqual(['2 x/n-cpu.txt']);
    expect(await found({ job: 'one', logs: '*n-api*' })).toEqual(['3 x/n-api.txt']);
    expect(await found({ build: '2222222' })).toEqual(['2 x/n-cpu.txt']);
    expect(await found({ build: '1111111' })).toEqual([]);
    expect(await found({ before: '2026-11-23' })).toEqual(['2 x/n-cpu.txt']);
    expect(await found({ from: '2026-11-23', before: '2026-11-24' })).toHaveLength(2);
  });

  test('that no build that passed holds comes with a signature to begin with', async () => {
    const build = await addBuild('2', { result: 'FAILURE' }, { 'logs/n-cpu.txt': 'SDKServer is (down)' });
    const page = await search({ text: 'is (down)' });
    await served.archive.write(`${build.logPath}later.txt`, 'is (up)');
    await addBuild('1', { result: 'SUCCESS' }, { 'logs/n-cpu.txt': 'SDKServer is (up)' });

    expect(page.text).toContain('this may become a signature');
    expect(page.text).toContain('&quot;is \\\\(down\\\\)&quot;');
    expect(page.text).toContain('&quot;*n-cpu.txt&quot;');
    expect((await search({ text: 'is (up)' })).text).not.toContain('this may become a signature');
  });

  test('is looked for in a bounded number of lines, logs and builds, and older builds are one link away', async () => {
    const logs = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`log${index}.txt`, 'same\n'.repeat(1000)]),
    );
    for (const digit of ['1', '2', '3']) await addBuild(digit, { result: 'FAILURE' }, logs);

    const page = await search({ text: 'same', builds: '1' });
    const { found, rest } = await api({ text: 'same', builds: '1' });

    expect(page.text.match(/aria-label="Line /g)).toHaveLength(8 * 3);
    expect(page.text).toContain('There is more in this build');
    expect([found.length, rest]).toEqual([1, '2026-11-21T10:00:00.000Z'.replace('21', found[0].queuedAt.slice(8, 10))]);
    expect(page.text).toContain('Search older builds');
  });

  test('and whatever else a log, a name or an address holds is text', async () => {
    await addBuild(
      '1',
      { result: 'FAILURE', job: evil, tested: { ...plainPatchset, subject: evil } },
      { [`${evil.replaceAll('/', '')}.txt`]: `${evil} \u202e\u001b[31m here`, 'b.txt': `x ${evil}` },
    );
    for (const fields of [
      { text: evil },
      { text: 'here' },
      { test: evil },
      { text: '(', regex: '1', job: evil },
      { build: evil },
    ]) {
      const { text } = await search(fields);
      expect(text).not.toMatch(/<script>alert|<img|onerror=alert\(1\)>(?!&)/);
      // oxlint-disable-next-line no-control-regex -- they are what must not be there
      expect(text).not.toMatch(/[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u202a-\u202e]/);
    }
  });
});

describe('what is asked', () => {
  test.each([
    [{ text: '(', regex: '1' }, 'has a `\\(` without'],
    [{ text: 'a*', regex: '1' }, 'matches every line'],
    [{ text: 'a', from: '2026-99-99' }, 'There is no such day'],
    [{ text: 'a', build: 'x' }, 'must be the id of a build'],
    [{ builds: '9999' }, 'builds'],
    [{ text: 'x'.repeat(300) }, 'text'],
  ])('%j is refused, and said why', async (fields, why) => {
    const page = await search(fields);

    expect(page.code).toBe(400);
    expect(page.text).toMatch(new RegExp(why));
    expect(page.text).toContain('class="search-form');
  });

  test('nothing shows the form and how to use it', async () => {
    const page = await get('/search');

    expect(page.code).toBe(200);
    expect(page.text).toContain('What can be found');
  });
});

test('tests are found by a part of their name, each with its rate and its last failure', async () => {
  const lastFailure = { build: '1'.repeat(8), at: '2026-11-22T10:00:00.000Z' };
  status.foundTests.push(
    { id: 'tempest.api.TestServers.test_resize[id-1]', passed: 3, failed: 1, skipped: 0, lastFailure },
    {
      id: `tempest.api.TestServers.test_other_resize[${evil}]`,
      passed: 0,
      failed: 0,
      skipped: 4,
      lastFailure: undefined,
    },
  );

  const page = await search({ test: 'resize' });

  expect(page.text).toContain('75 %');
  expect(page.text).toContain('href="/test?id=tempest.api.TestServers.test_resize%5Bid-1%5D"');
  expect(page.text).toContain(`href="/build/${lastFailure.build}"`);
  expect(page.text).not.toContain('<script>alert');
  expect((await api({ test: 'resize' })).tests).toHaveLength(2);
});
