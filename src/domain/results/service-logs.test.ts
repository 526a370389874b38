import { expect, test } from 'vitest';
import { serviceLogs } from './service-logs.ts';

const names = (paths: readonly string[]) => serviceLogs(paths).map(({ name }) => name);

test('logs of services are found wherever a job puts them, the most telling first', () => {
  expect(
    serviceLogs([
      'build.json',
      'controller/logs/etc/nova/nova_conf.txt',
      'controller/logs/screen-g-api.txt',
      'controller/logs/screen-n-api.txt.gz',
      'controller/logs/screen-n-cpu.txt',
      'controller/logs/tempest_conf.txt',
      'controller/logs/tempest_log.txt',
      'feilong-calls.jsonl',
      'feilong-calls.txt',
      'job-output.txt',
      'testr_results.html.gz',
    ]),
  ).toEqual([
    { name: 'n-cpu', path: 'controller/logs/screen-n-cpu.txt' },
    { name: 'n-api', path: 'controller/logs/screen-n-api.txt.gz' },
    { name: 'feilong-calls', path: 'feilong-calls.txt' },
    { name: 'tempest', path: 'controller/logs/tempest_log.txt' },
    { name: 'g-api', path: 'controller/logs/screen-g-api.txt' },
    { name: 'job-output', path: 'job-output.txt' },
  ]);
  expect(names(['nova/nova-compute.log', 'nova/nova-api.log.gz'])).toEqual(['nova-compute', 'nova-api']);
});

test('two of the same name are told apart by their folders, and there are never many', () => {
  expect(names(['compute1/logs/screen-n-cpu.txt', 'controller/logs/screen-n-cpu.txt'])).toEqual([
    'compute1/logs/screen-n-cpu.txt',
    'controller/logs/screen-n-cpu.txt',
  ]);
  expect(serviceLogs(Array.from({ length: 500 }, (_, index) => `screen-a${index}.txt`))).toHaveLength(12);
});
