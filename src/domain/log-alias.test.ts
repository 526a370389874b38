import { describe, expect, test } from 'vitest';
import { logAlias } from './log-alias.ts';

const change = '45/12345/2/check/zvm-tempest/0a1b2c3';
const commit = `0a/${'0a'.repeat(20)}/periodic/zvm-tempest/0a1b2c3`;

describe('a file that is not there', () => {
  test.each([
    ['console.html.gz', 'job-output.txt'],
    ['console.html', 'job-output.txt'],
    ['job-output.txt.gz', 'job-output.txt'],
    ['local.conf', 'controller/logs/local_conf.txt'],
    ['localrc', 'controller/logs/local_conf.txt'],
    ['tempest.txt.gz', 'controller/logs/tempest_log.txt'],
    ['testr_results.html', 'testr_results.html.gz'],
    ['testrepository.subunit.gz', 'testrepository.subunit'],
    ['logs', 'controller/logs'],
    ['logs/screen-n-cpu.txt.gz', 'controller/logs/screen-n-cpu.txt'],
    ['logs/etc/nova/nova_conf.txt', 'controller/logs/etc/nova/nova_conf.txt'],
  ])('%s is %s', (asked, is) => {
    for (const folder of [change, commit])
      expect(logAlias(`${folder}/${asked}`.split('/'))?.join('/')).toBe(`${folder}/${is}`);
  });

  test.each([
    change,
    `${change}/other.txt`,
    `${change}/job-output.txt`,
    `${change}/a/console.html`,
    'logs/console.html',
    '',
  ])('%j is nowhere else', (path) => {
    expect(logAlias(path.split('/'))).toBeUndefined();
  });
});
