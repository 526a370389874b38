import { expect, test } from 'vitest';
import { plainBuild, plainPatchset } from '../../test/web/status-fixture.ts';
import type { Dependencies } from '../domain/dependencies.ts';
import { dependencyList } from './views/dependencies.ts';

const url = 'https://review.example/c/openstack/neutron/+/7';
const neutron = {
  ...plainPatchset,
  project: 'openstack/neutron',
  number: 7,
  patchset: 3,
  revision: 'b'.repeat(40),
  url,
};

async function listOf(dependencies: Dependencies | undefined): Promise<string> {
  const build = plainBuild({ id: '0a1b2c3d-1111-4222-8333-444455556666', state: 'done', dependencies });
  return String(await dependencyList(build));
}

test('the page of a build names what was tested with it, each with its commit, and what was not followed', async () => {
  const list = await listOf({
    changes: [{ ...neutron, isAbandoned: true }],
    ancestors: [{ ...neutron, number: 8, isOutdated: true }],
    ignored: ['Depends-On: x is not followed: it names no change.'],
  });

  expect(list).toContain(`<a href="${url}" rel="noreferrer noopener">openstack/neutron 7,3</a>`);
  expect(list).toContain('Depends-On, abandoned');
  expect(list).toContain('openstack/neutron 8,3');
  expect(list).toContain('below it, outdated');
  expect(list).toContain('b'.repeat(40));
  expect(list).toContain('it names no change');
});

test('what the job of the build carries is named with its reason, and not what other jobs carry', async () => {
  const list = await listOf({
    changes: [],
    ancestors: [],
    ignored: [],
    carried: [
      {
        job: plainBuild({ id: '0a1b2c3d' }).job,
        changes: [{ ...neutron, isAbandoned: true, reason: 'bug <1>' }],
        left: ['Dropped.'],
      },
      { job: 'other', changes: [{ ...neutron, number: 9, isAbandoned: false, reason: 'bug 2' }], left: [] },
    ],
  });

  expect(list).toContain('openstack/neutron 7,3');
  expect(list).toContain('carried, abandoned: bug &lt;1&gt;');
  expect(list).toContain('Dropped.');
  expect(list).not.toContain('bug 2');
});

test('it says when there is none, and when it is not known', async () => {
  expect(await listOf({ changes: [], ancestors: [], ignored: [] })).toContain('No other change.');
  expect(await listOf(undefined)).toContain('Not known.');
});

test('names and addresses of strangers stay text', async () => {
  const evil = '<script>alert(1)</script>\u202e';
  const change = { ...neutron, project: evil, url: 'javascript:alert(2)' };

  const list = await listOf({
    changes: [{ ...change, isAbandoned: false }],
    ancestors: [{ ...change, isOutdated: false }],
    ignored: [evil],
  });

  expect(list).not.toMatch(/<script|javascript:|\u202e/);
});
