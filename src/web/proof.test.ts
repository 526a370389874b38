import { expect, test } from 'vitest';
import { plainBuild } from '../../test/web/status-fixture.ts';
import type { Proof } from '../domain/proof.ts';
import type { BuildDetail } from '../ports/status.ts';
import { proofPanel } from './views/proof.ts';

const commit = 'a'.repeat(40);
const place = { folder: 'source', head: 'b'.repeat(40), state: 'contained' } as const;
const proof: Proof = {
  commits: [{ role: 'tested', name: 'openstack/nova 7,2', commit, places: [place] }],
  driver: { configured: 'zvm.ZVMDriver', loaded: 'zvm.ZVMDriver' },
  guests: { created: 2, deployed: 2, started: 1, deleted: 2 },
};

/** As text; markup between words is one space. */
async function panel(more: Partial<BuildDetail>, of: Partial<Proof> = {}): Promise<string> {
  const tests = { passed: 9, failed: 0, skipped: 0 };
  const build = plainBuild({
    id: '0a1b2c3d',
    state: 'done',
    result: 'SUCCESS',
    tests,
    proof: { ...proof, ...of },
    ...more,
  });
  return String(await proofPanel(build)).replaceAll(/(<[^>]*>|\s)+/g, ' ');
}

test('names each commit and where it is, the driver and the guests', async () => {
  const text = await panel({});

  expect(text).toContain('openstack/nova 7,2 under test aaaaaaaaaaaa ✓ checked out source is on bbbbbbbbbbbb');
  expect(text).toContain('Driver in nova.conf zvm.ZVMDriver Driver that nova loaded zvm.ZVMDriver');
  expect(text).toContain('2 created, 2 deployed, 1 started, 2 deleted');
  expect(text).not.toContain('No guest was made');
});

test('a commit that is missing, and one of which the job said nothing, are told apart', async () => {
  const missing = { ...place, folder: '/opt/stack/nova', state: 'missing' } as const;
  const commits = [
    { ...proof.commits[0]!, places: [place, missing] },
    { role: 'carried', name: 'openstack/nova 9,1', commit, places: [] } as const,
  ];

  const text = await panel({}, { commits });

  expect(text).toContain('✗ not checked out /opt/stack/nova is on bbbbbbbbbbbb');
  expect(text).toContain('openstack/nova 9,1 carried aaaaaaaaaaaa the job did not say what it checked out');
});

test('tests that passed without a guest are told plainly, and only these', async () => {
  const none = { guests: { created: 0, deployed: 0, started: 0, deleted: 0 } };

  expect(await panel({}, none)).toContain('No guest was made on z/VM, though 9 tests passed.');
  expect(await panel({ result: 'FAILURE' }, none)).not.toContain('No guest was made');
  expect(await panel({}, { guests: undefined })).toContain('Guests on z/VM not counted');
});

test('what test servers say stays text', async () => {
  const driver = { configured: '<script>alert(1)</script>', loaded: '\u202e' };
  const build = plainBuild({ id: '0a1b2c3d', state: 'done', proof: { ...proof, driver } });

  expect(String(await proofPanel(build))).not.toMatch(/<script|\u202e/);
});
