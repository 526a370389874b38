import { describe, expect, test } from 'vitest';
import { configuredDriver, loadedDriver, notTestedText, parseCheckedOut, proveCommits } from './proof.ts';
import type { Proof } from './proof.ts';

const id = (digit: string) => digit.repeat(40);
const tested = {
  connection: 'review',
  project: 'openstack/nova',
  branch: 'master',
  number: 7,
  changeId: 'I7',
  subject: '',
  owner: '',
  url: '',
  patchset: 2,
  revision: id('a'),
  ref: 'refs/changes/07/7/2',
};
const line = (...fields: readonly string[]) => fields.join('\t');
const good = line('source', 'openstack/nova', 'master', id('b'), id('a'), 'contained');

function proofOf(text: string): Proof {
  const needed = { ...tested, project: 'openstack/neutron', number: 8, revision: id('c'), isAbandoned: false };
  const fix = { ...tested, number: 9, revision: id('d'), isAbandoned: false, reason: 'bug' };
  const carried = [{ job: 'job', changes: [fix], left: [] }];
  const dependencies = { changes: [needed], ancestors: [], ignored: [], carried };
  const commits = proveCommits({ tested, job: 'job', dependencies }, parseCheckedOut(text));
  return { commits, driver: { configured: undefined, loaded: undefined }, guests: undefined };
}

describe('what was checked out', () => {
  test('is found for the change, what it depends on and what the job carries', () => {
    const { commits } = proofOf(
      [
        good,
        line('/opt/stack/nova', 'openstack/nova', 'master', id('b'), id('a'), 'contained'),
        line('source', 'openstack/nova', 'master', id('b'), id('d'), 'contained'),
      ].join('\n'),
    );

    expect(commits.map(({ name, places, role }) => [role, name, places.map(({ folder }) => folder)])).toEqual([
      ['tested', 'openstack/nova 7,2', ['source', '/opt/stack/nova']],
      ['dependency', 'openstack/neutron 8,2', []],
      ['carried', 'openstack/nova 9,2', ['source']],
    ]);
  });

  test('is told where a commit is missing, and only there', () => {
    const replaced = line('/opt/stack/nova', 'openstack/nova', 'master', id('e'), id('a'), 'missing');
    const elsewhere = line('dependencies/x', 'openstack/neutron', 'stable/x', id('e'), id('c'), 'other-branch');

    expect(notTestedText(proofOf(''))).toBeUndefined();
    expect(notTestedText(proofOf(`${good}\n${elsewhere}`))).toBeUndefined();
    expect(notTestedText(proofOf(`${good}\n${replaced}`))).toBe(
      'openstack/nova 7,2 (aaaaaaaaaaaa) is not in /opt/stack/nova, which is on eeeeeeeeeeee',
    );
  });

  test.each([
    'nonsense',
    `${good}\tmore`,
    good.replace('contained', 'fine'),
    good.replace('source', '<script>'),
    good.replace('source', ''),
    good.replace(id('b'), id('b').toUpperCase()),
    good.replace('openstack/nova', 'x'.repeat(301)),
  ])('%j is no line', (text) => {
    expect(parseCheckedOut(text)).toEqual([]);
  });

  test('a flood of lines is cut', () => {
    expect(parseCheckedOut(`${good}\n`.repeat(5000))).toHaveLength(1000);
    expect(proofOf(`${good}\n`.repeat(5000)).commits[0]?.places).toHaveLength(10);
  });
});

test('the driver is the last one that nova.conf and nova-compute name', () => {
  expect(configuredDriver('#compute_driver = libvirt.LibvirtDriver\n compute_driver=zvm.ZVMDriver \n')).toBe(
    'zvm.ZVMDriver',
  );
  expect(configuredDriver('compute_driver = <script>\n')).toBeUndefined();
  expect(loadedDriver("INFO nova.virt.driver [-] Loading compute driver 'zvm.ZVMDriver'\n")).toBe('zvm.ZVMDriver');
  expect(loadedDriver('')).toBeUndefined();
});
