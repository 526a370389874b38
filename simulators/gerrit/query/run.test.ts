import { afterAll, beforeAll, expect, test } from 'vitest';
import { startKit } from '../testing/kit.ts';
import type { Kit } from '../testing/kit.ts';

let kit: Kit;

beforeAll(async () => {
  kit = await startKit();
  for (const [project, subject] of [
    ['openstack/nova', 'First thing'],
    ['openstack/nova-zvm', 'Second thing'],
    ['openstack/nova', 'Third (odd) thing'],
  ]) {
    await kit.post('dev', '/a/changes/', { project, branch: 'master', subject, topic: 'all' });
  }
  await kit.post('zvm-ci', '/a/changes/3/revisions/current/review', { labels: { Verified: 1 } });
  await kit.post('dev', '/a/changes/2/abandon');
});

afterAll(() => kit.stop());

async function numbers(query: string): Promise<number[]> {
  const { body } = await kit.get('dev', `/a/changes/?q=${encodeURIComponent(query)}`);
  return (body as { _number: number }[]).map(({ _number }) => _number).toSorted((left, right) => left - right);
}

test.each([
  ['project:openstack/nova', [1, 3]],
  ['project:^openstack/.*', [1, 2, 3]],
  ['projects:openstack/nova-', [2]],
  ['(project:openstack/nova OR project:openstack/nova-zvm) status:open', [1, 3]],
  ['-status:abandoned', [1, 3]],
  ['NOT is:open', [2]],
  ['topic:all branch:master owner:dev', [1, 2, 3]],
  ['owner:self after:"2020-01-01 00:00:00"', [1, 2, 3]],
  ['after:2999-01-01', []],
  ['-age:1h', [1, 2, 3]],
  ['age:1h', []],
  ['label:Verified=1', [3]],
  ['label:Verified+1,user=zvm-ci', [3]],
  ['-label:Verified>=1', [1, 2]],
  ['message:"(odd) thing"', [3]],
  ['message:{second}', [2]],
  ['change:2', [2]],
  ['3', [3]],
])('finds what Gerrit would: %s', async (query, expected) => {
  const found = await numbers(query);

  expect(found).toEqual(expected);
});

test('pages with n and S, and marks the last row while there is more', async () => {
  const first = await kit.get('dev', '/a/changes/?q=topic:all&n=2');
  const rest = await kit.get('dev', '/a/changes/?q=topic:all&n=2&S=2');

  const rows = first.body as { _more_changes?: boolean }[];
  expect(rows.map((row) => row._more_changes)).toEqual([undefined, true]);
  expect(rest.body).toHaveLength(1);
  expect(rest.text).not.toContain('_more_changes');
});

test.each(['project:', '(status:open', 'after:yesterday', 'age:soon', 'is:nothing', 'owner:ghost', 'limit:0', '"open'])(
  'refuses a query it cannot read: %s',
  async (query) => {
    const { status } = await kit.get('dev', `/a/changes/?q=${encodeURIComponent(query)}`);

    expect(status).toBe(400);
  },
);
