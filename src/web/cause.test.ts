import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { serve } from '../../test/web/serve.ts';
import type { Served } from '../../test/web/serve.ts';
import { createPlainStatus, plainBuild, plainOverview } from '../../test/web/status-fixture.ts';
import type { PlainStatus } from '../../test/web/status-fixture.ts';
import type { BuildDetail } from '../ports/status.ts';

const id = '0a1b2c3d-1111-4222-8333-444455556666';
const done = plainBuild({ id, state: 'done', result: 'NODE_FAILURE' });
const found = {
  signature: 'apt-mirror',
  title: 'A mirror could not be read',
  cause: 'mirror',
  bug: 'https://bugs.example.org/+bug/1',
  log: 'logs/a<b>.txt',
  lines: [{ line: 7, text: 'E: <script>alert(1)</script>' }],
} as const;
const { signature, title, bug } = found;
const named = { kind: 'mirror', signature: { id: signature, title, bug } } as const;

let status: PlainStatus;
let served: Served;
beforeEach(async () => {
  status = createPlainStatus(plainOverview(), [done]);
  served = await serve(status);
});
afterEach(() => served.stop());

async function page(build: BuildDetail): Promise<string> {
  status.details.set(id, build);
  return (await fetch(`${served.url}/build/${id}`)).text();
}

describe('the cause on a build’s page', () => {
  test('names signature, bug and the lines that show it, which can run nothing', async () => {
    const [line] = found.lines;
    const body = await page({ ...done, cause: named, causeLines: [{ log: found.log, ...line }], signatures: [found] });

    expect(body).toContain('Why it failed');
    expect(body).toContain('Cause: <b>mirror</b>, a mirror of packages or a git server.');
    expect(body).toContain('<a href="https://bugs.example.org/+bug/1" rel="noreferrer noopener">Bug</a>');
    expect(body).toContain(`/logs/${done.logPath}logs/a%3Cb%3E.txt`);
    expect(body).toContain('E: &lt;script&gt;alert(1)&lt;/script&gt;');
    expect(body).not.toContain('<script>alert');
    expect(body).not.toContain('not taken for the cause');
  });

  test('shows other known troubles beside it, and those of a build that runs', async () => {
    const failed = await page({ ...done, cause: { kind: 'patch', signature: undefined }, signatures: [found] });
    const running = await page({ ...done, state: 'running', result: undefined, signatures: [found] });

    expect(failed).toMatch(/1 known trouble\s+in its logs, not taken for the cause/);
    expect(running).toContain('Known troubles');
    expect(running).toContain('A mirror could not be read');
    expect(running).not.toContain('Why it failed');
  });

  test('is not there where nothing failed, and a bug that is no web address is no link', async () => {
    const plain = await page(done);
    const odd = await page({
      ...done,
      cause: { ...named, signature: { ...named.signature, bug: 'javascript:alert(1)' } },
    });

    expect(plain).not.toMatch(/Why it failed|Known troubles/);
    expect(odd).not.toContain('javascript:');
  });

  test('is in the API', async () => {
    status.details.set(id, { ...done, cause: named, signatures: [found] });

    const answer = await (await fetch(`${served.url}/api/builds/${id}`)).json();

    expect(answer).toMatchObject({ cause: named, signatures: [found] });
  });
});
