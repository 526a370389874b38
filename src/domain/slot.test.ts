import { expect, test } from 'vitest';
import { instanceNameTemplate, isWorkerUserid, workerPrefix } from './slot.ts';

test('every lease of a slot has a prefix of its own until all characters were used', () => {
  const prefixes = Array.from({ length: 37 }, (_, generation) => workerPrefix({ prefix: 'ZA', generation }));

  expect(prefixes.slice(0, 11)).toEqual(['ZA0', 'ZA1', 'ZA2', 'ZA3', 'ZA4', 'ZA5', 'ZA6', 'ZA7', 'ZA8', 'ZA9', 'ZAA']);
  expect(new Set(prefixes).size).toBe(36);
  expect(prefixes[36]).toBe('ZA0');
});

test('names of servers have eight characters', () => {
  expect(instanceNameTemplate({ prefix: 'ZA', generation: 1 })).toBe('ZA1%05x');
  expect(instanceNameTemplate({ prefix: 'ZA0', generation: 35 })).toBe('ZA0Z%04x');
});

test('a userid of a worker is told from one that only begins alike', () => {
  const userids = ['ZA100001', 'za10002f', 'ZAZFFFFF', 'ZABBIX', 'ZAPPLE01', 'ZB100001', 'ZA1000012'];

  expect(userids.filter((userid) => isWorkerUserid(userid, 'ZA'))).toEqual(['ZA100001', 'za10002f', 'ZAZFFFFF']);
});
