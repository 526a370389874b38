import { describe, expect, test } from 'vitest';
import { decideBranch } from './decide-branch.ts';
import type { BranchEvent } from './event.ts';
import type { Pipeline, ProjectSettings, Settings } from './settings.ts';

const project = { connection: 'review', project: 'openstack/nova', branches: ['master', 'stable/*'] };
const pipeline = { vote: undefined, priority: 0, isSilent: false };
const settings = {
  projects: [
    { ...project, pipelines: { check: ['job'], merged: ['job'], nightly: ['job', 'long'] } },
  ] as unknown as ProjectSettings[],
  pipelines: [
    { ...pipeline, name: 'check', triggers: [{ event: 'patchset-created' }] },
    { ...pipeline, name: 'merged', triggers: [{ event: 'ref-updated' }] },
    { ...pipeline, name: 'nightly', triggers: [{ event: 'periodic', times: '0 2 * * *' }] },
    { ...pipeline, name: 'weekly', triggers: [{ event: 'periodic', times: '0 2 * * 0' }] },
  ] satisfies Pipeline[],
} as unknown as Settings;

function event(over: Partial<BranchEvent> = {}, branch = 'master'): BranchEvent {
  const tip = {
    connection: 'review',
    project: 'openstack/nova',
    branch,
    revision: 'ab'.repeat(20),
    ref: `refs/heads/${branch}`,
  };
  return { type: 'ref-updated', tip, pipeline: undefined, createdAt: 0, ...over };
}

describe('a new tip of a branch', () => {
  test('runs what waits for it', () => {
    expect(decideBranch(event(), settings)).toEqual({
      runs: [{ pipeline: 'merged', jobs: ['job'] }],
      reason: 'New tip, master at abababa: merged runs job.',
    });
  });

  test('of another branch or project runs nothing, and says why', () => {
    const { tip } = event();
    expect(decideBranch(event({}, 'x1'), settings).reason).toBe('Branch x1 of openstack/nova is not configured.');
    expect(decideBranch(event({ tip: { ...tip, project: 'x' } }), settings)).toEqual({
      runs: [],
      reason: 'Project x is not configured.',
    });
  });

  test('that nothing waits for says so', () => {
    const [check] = settings.pipelines;
    const quiet = { ...settings, pipelines: [check!] };
    expect(decideBranch(event(), quiet).reason).toContain('no pipeline of this project runs on ref-updated');
  });
});

describe('the time of a pipeline', () => {
  const time = (name: string) => event({ type: 'periodic', pipeline: name });

  test('runs that pipeline and no other', () => {
    expect(decideBranch(time('nightly'), settings).runs).toEqual([{ pipeline: 'nightly', jobs: ['job', 'long'] }]);
  });

  test('that the project has not, or that has no times any more, runs nothing', () => {
    expect(decideBranch(time('weekly'), settings).runs).toEqual([]);
    expect(decideBranch(time('merged'), settings).runs).toEqual([]);
  });
});
