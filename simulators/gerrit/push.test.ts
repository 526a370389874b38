import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Checkout, openStream, pushChange, startKit } from './testing/kit.ts';
import type { Kit } from './testing/kit.ts';

let kit: Kit;
let checkout: Checkout;
let clones = 0;

beforeAll(async () => {
  kit = await startKit();
});

afterAll(() => kit.stop());

beforeEach(async () => {
  clones += 1;
  checkout = await Checkout.clone(kit.url, 'openstack/nova', join(kit.directory, `clone-${clones}`));
});

describe('a push to refs/for', () => {
  test('makes a change that anybody can fetch without an account', async () => {
    const number = await pushChange(checkout, 'Fetched by anybody');

    const ref = `refs/changes/${String(number % 100).padStart(2, '0')}/${number}/1`;
    await checkout.git('fetch', `${kit.url}/openstack/nova`, ref);
    expect(await checkout.git('log', '-1', '--format=%s', 'FETCH_HEAD')).toBe('Fetched by anybody');
  });

  test('adds a patchset to the change with the same Change-Id and drops its votes', async () => {
    const number = await pushChange(checkout, 'Two patchsets');
    await kit.post('zvm-ci', `/a/changes/${number}/revisions/current/review`, { labels: { Verified: 1 } });

    await checkout.git('commit', '--quiet', '--amend', '--allow-empty', '--no-edit', '--date', '2026-01-01T00:00:00Z');
    const told = await checkout.push('refs/for/master');

    const { body } = await kit.get('zvm-ci', `/a/changes/${number}/detail`);
    expect(told).toContain('updated: 1');
    expect(body).toMatchObject({ current_revision_number: 2 });
    expect(body).toMatchObject({
      messages: expect.arrayContaining([
        expect.objectContaining({ message: expect.stringContaining('Outdated Votes:\n* Verified+1') }),
      ]),
    });
  });

  test('keeps the Verified vote when only the commit message changed', async () => {
    const number = await pushChange(checkout, 'Message only');
    await kit.post('zvm-ci', `/a/changes/${number}/revisions/current/review`, { labels: { Verified: 1 } });
    const message = await checkout.git('log', '-1', '--format=%B');

    await checkout.git('commit', '--quiet', '--amend', '--allow-empty', '--message', message.replace('only', 'alone'));
    await checkout.push('refs/for/master');

    const { body } = await kit.get('zvm-ci', `/a/changes/${number}/detail?o=CURRENT_REVISION`);
    expect(body).toMatchObject({ subject: 'Message alone', labels: { Verified: { value: 1 } } });
  });

  test('makes one change of each commit of a chain, and only of the new ones', async () => {
    const stream = await openStream(kit.sshPort, 'zvm-ci', '-s patchset-created');
    await checkout.git(
      'commit',
      '--quiet',
      '--allow-empty',
      '--message',
      `Chain one\n\nChange-Id: I${'a1'.repeat(20)}`,
    );
    await pushChange(checkout, 'Chain two');

    await pushChange(checkout, 'Chain three');

    const events = await stream.sinceLast();
    stream.client.end();
    const subjects = events.map((event) => (event['change'] as { subject: string }).subject);
    expect(subjects).toEqual(['Chain one', 'Chain two', 'Chain three']);
  });

  test('of a long chain loses no event for a reader who keeps up', async () => {
    const stream = await openStream(kit.sshPort, 'zvm-ci');
    const before = (await checkout.git('rev-parse', 'HEAD')).trim();
    const length = 300;
    const commits = Array.from({ length }, (_, index) => {
      const message = `Long ${index}\n\nChange-Id: I${String(index).padStart(40, 'c')}\n`;
      const from = index === 0 ? `from ${before}\n` : '';
      return `commit refs/heads/long\ncommitter Dee <dev@example.com> ${1_800_000_000 + index} +0000\ndata ${message.length}\n${message}${from}\n`;
    });
    await checkout.fastImport(commits.join(''));

    await checkout.push('refs/for/master', 'long');

    const events = await stream.sinceLast();
    stream.client.end();
    const created = events.filter(({ type }) => type === 'patchset-created');
    expect(events.some(({ type }) => type === 'dropped-output')).toBe(false);
    expect(created).toHaveLength(length);
  });

  test.each([
    ['without a Change-Id', 'No id at all', /commit [0-9a-f]{7}: missing Change-Id in message footer/],
    ['with a malformed Change-Id', 'Bad id\n\nChange-Id: I123', /invalid Change-Id line format in message footer/],
  ])('is refused %s', async (_what, message, reason) => {
    await checkout.git('commit', '--quiet', '--allow-empty', '--message', message);

    await expect(checkout.push('refs/for/master')).rejects.toThrow(reason);
  });

  test('is refused when nothing is new, the branch is unknown or the change is closed', async () => {
    const number = await pushChange(checkout, 'Refused later');

    await expect(checkout.push('refs/for/master')).rejects.toThrow('no new changes');
    await expect(checkout.push('refs/for/nowhere')).rejects.toThrow('branch nowhere not found');
    await kit.post('dev', `/a/changes/${number}/abandon`);
    await checkout.git('commit', '--quiet', '--amend', '--allow-empty', '--no-edit', '--date', '2026-01-01T00:00:00Z');
    await expect(checkout.push('refs/for/master')).rejects.toThrow(`/c/openstack/nova/+/${number} closed`);
  });

  test('of a chain with one bad commit makes no change at all', async () => {
    await checkout.git('commit', '--quiet', '--allow-empty', '--message', `Good\n\nChange-Id: I${'b2'.repeat(20)}`);
    await checkout.git('commit', '--quiet', '--allow-empty', '--message', 'Bad');

    await expect(checkout.push('refs/for/master')).rejects.toThrow('missing Change-Id');

    const { body } = await kit.get(null, `/changes/?q=I${'b2'.repeat(20)}`);
    expect(body).toEqual([]);
  });

  test('leaves no ref behind but the patchset', async () => {
    await pushChange(checkout, 'Tidy');

    const refs = await checkout.git('ls-remote', `${kit.url}/openstack/nova`);
    expect(refs).not.toMatch(/refs\/(for|pushes)\//);
  });

  test('from several people at once gives everybody a change of their own', async () => {
    const people = await Promise.all(
      ['one', 'two', 'three', 'four'].map((name) =>
        Checkout.clone(kit.url, 'openstack/nova', join(kit.directory, name)),
      ),
    );

    const numbers = await Promise.all(people.map((person, index) => pushChange(person, `At once ${index}`)));

    expect(new Set(numbers).size).toBe(4);
  });
});

test('a push straight to a branch needs an administrator', async () => {
  await checkout.git('commit', '--quiet', '--allow-empty', '--message', 'Straight');

  await expect(checkout.push('refs/heads/master')).rejects.toThrow('prohibited by Gerrit: not permitted: update');
});

test('a change is submitted by a merge when its branch moved on', async () => {
  const first = await pushChange(checkout, 'Goes first');
  await checkout.git('reset', '--quiet', '--hard', 'origin/master');
  const second = await pushChange(checkout, 'Goes second');
  for (const number of [first, second]) {
    await kit.post('admin', `/a/changes/${number}/revisions/current/review`, { labels: { 'Code-Review': 2 } });
  }

  await kit.post('zuul', `/a/changes/${first}/submit`);
  const { body } = await kit.post('zuul', `/a/changes/${second}/submit`);

  await checkout.git('fetch', '--quiet', 'origin');
  expect(body).toMatchObject({ status: 'MERGED' });
  expect(await checkout.git('log', '-1', '--format=%s', 'origin/master')).toBe('Merge "Goes second"');
});
