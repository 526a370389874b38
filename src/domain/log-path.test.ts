import { describe, expect, test } from 'vitest';
import { buildLogPath, logPathNames } from './log-path.ts';

const folder = {
  change: 345612,
  patchset: 3,
  pipeline: 'check',
  job: 'zvm-devstack-tempest',
  build: '0a1b2c3d-4e5f-6789-abcd-ef0123456789',
};

describe('the log folder of a build', () => {
  test('follows the tree OpenStack people know', () => {
    expect(buildLogPath(folder)).toBe('12/345612/3/check/zvm-devstack-tempest/0a1b2c3/');
  });

  test('of a branch goes by its commit', () => {
    const { pipeline, job, build } = folder;
    const revision = `0a${'b1'.repeat(19)}`;
    expect(buildLogPath({ revision, pipeline, job, build })).toBe(`0a/${revision}/check/zvm-devstack-tempest/0a1b2c3/`);
    expect(() => buildLogPath({ revision: '../0a', pipeline, job, build })).toThrow(
      expect.objectContaining({ code: 'path-refused' }),
    );
  });

  test('pads the bucket of a change with two digits', () => {
    expect(buildLogPath({ ...folder, change: 1 })).toMatch(/^01\/1\/3\//);
    expect(buildLogPath({ ...folder, change: 200 })).toMatch(/^00\/200\/3\//);
  });

  test.each([
    ['a change of zero', { change: 0 }],
    ['a fractional patchset', { patchset: 1.5 }],
    ['a pipeline that climbs', { pipeline: '..' }],
    ['a pipeline with a dash', { pipeline: 'check-zvm' }],
    ['a job with a slash', { job: 'a/b' }],
    ['a job that starts with a dot', { job: '.hidden' }],
    ['a job with a line feed', { job: 'job\n' }],
    ['a build that is no uuid', { build: '../../etc' }],
  ])('refuses %s', (_what, change) => {
    const build = () => buildLogPath({ ...folder, ...change });

    expect(build).toThrow(expect.objectContaining({ code: 'path-refused' }));
  });
});

describe('a path below the archive', () => {
  test('is split into its names', () => {
    expect(logPathNames('01/1/1/check/job/0a1b2c3/.stackenv')).toHaveLength(7);
  });

  test.each([
    '',
    '/etc/passwd',
    '../secret',
    'a/../../secret',
    'a/./b',
    'a//b',
    'a/',
    'a\\b',
    'a\0b',
    'a\nb',
    'a\u2028b',
    '\ud800',
    'x'.repeat(256),
    'x/'.repeat(600) + 'x',
  ])('refuses %j', (path) => {
    expect(() => logPathNames(path)).toThrow(expect.objectContaining({ code: 'path-refused' }));
  });
});
