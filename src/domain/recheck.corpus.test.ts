import { describe, expect, test } from 'vitest';
import { recheckCall } from './recheck.ts';

const ciName = 'IBM z/VM CI';
const names = ['zvm', 'zvm-full'];

function kindOf(text: string): string {
  const call = recheckCall(text, names, ciName);
  return call.kind === 'named' ? `named ${call.name}` : call.kind;
}

/** Taken from public guides, tools and threads of OpenStack and its neighbours; names of bugs and CIs as they stood there. */
describe('comments seen elsewhere', () => {
  test.each([
    // OpenStack's requirements for third-party tests, and contributor guides.
    ['recheck no bug', 'everything'],
    ['recheck bug 1234', 'everything'],
    ['recheck builds.midonet.org connection timeout', 'everything'],
    ['reverify bug 123', 'none'],
    ['check hyper-v', 'none'],
    // Tools that post or read rechecks.
    ['recheck no bug\n\nextra stuff', 'everything'],
    ['recheck no bug clean', 'everything'],
    ['rechecking because review is older than 30 days, and is at risk of merge conflict.', 'none'],
    // Other CIs' words in threads.
    ['recheck_all', 'none'],
    ['recheck_swift', 'none'],
    ['recheck_ceph\nrecheck_upgrade', 'none'],
    ['/trigger github-experimental', 'none'],
  ])('%j: %s', (text, kind) => {
    expect(kindOf(text)).toBe(kind);
  });
});

/** Made up for this test: what a comment of those kinds may look like. */
describe('variations', () => {
  test.each([
    ['recheck bug/1998148', 'everything'],
    ['recheck cinder-tempest-plugin-lvm-lio-barbican failure unrelated', 'everything'],
    ['recheck - guest kernel panic', 'everything'],
    ['recheck (ssh timeout in tempest)', 'everything'],
    ['recheck, volume detach timed out', 'everything'],
    ['recheck; mirror was down', 'everything'],
    ['Recheck – mirror was down', 'everything'],
    ['recheck #1998148', 'everything'],
    ['recheck https://bugs.launchpad.net/nova/+bug/1998148', 'everything'],
    ['recheck 🐘\r\n\r\nrecheck zvm\u2028line\r\n> recheck quoted', 'everything'],
    ['recheck\u00a0no bug', 'everything'],
    // By name.
    ['recheck zvm', 'named zvm'],
    ['recheck\u00a0zvm', 'named zvm'],
    ['recheck zvm - host was down', 'named zvm'],
    ['recheck-zvm please', 'named zvm'],
    ['recheck_zvm-full', 'named zvm-full'],
    // Other CIs' words.
    ['recheck-ibm', 'none'],
    ['check experimental', 'none'],
    ['run Linbit CI', 'none'],
    ['run-LINBIT LINSTOR CI', 'none'],
    ['/recheck', 'none'],
    ['jenkins: recheck', 'none'],
    // Talk.
    ['recheck’s not going to help here', 'none'],
    ["recheck's result is the same", 'none'],
    ['rechecking, as the mirror is back', 'none'],
    ['Rechecks will not help', 'none'],
    ['The z/VM job failed on an unrelated timeout.\n\nrecheck zvm\n\nthanks', 'none'],
    ['Why did you recheck?', 'none'],
    ['"recheck"', 'none'],
    ['`recheck`', 'none'],
    ['* recheck', 'none'],
    ['On Tue, Bob wrote:\n> recheck\n', 'none'],
    ['>recheck', 'none'],
    ['>> recheck zvm', 'none'],
    ['\u200brecheck', 'none'],
    ['r\u0435check', 'none'],
    ['\u202erecheck', 'none'],
  ])('%j: %s', (text, kind) => {
    expect(kindOf(text)).toBe(kind);
  });
});

describe('help texts of CIs', () => {
  test.each([
    'Build failed (check pipeline).  For information on how to proceed, see\nhttps://docs.opendev.org/opendev/infra-manual/latest/developers.html',
    'Build failed. To re-run the tests, leave a comment with "recheck".',
    'To recheck leave a comment with only: recheck zvm',
    'Starting check jobs. Comment "run-IBM z/VM CI" to run again.',
    'This change depends on a change that failed to merge.\n\nPlease recheck once it has merged.',
  ])('%j runs nothing', (text) => {
    expect(kindOf(text)).toBe('none');
    expect(kindOf(`Patch Set 3: Verified-1\n\n${text}`)).toBe('none');
  });
});
