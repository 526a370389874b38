import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ReviewEvent } from './event.ts';
import type { Patchset } from './patchset.ts';
import type { Pipeline, ProjectSettings, Settings } from './settings.ts';
import { decide } from './trigger.ts';

const own = { connection: 'review', username: 'zvm-ci' };

const patchset: Patchset = {
  connection: 'review',
  project: 'openstack/nova',
  branch: 'master',
  number: 12345,
  changeId: `I${'0'.repeat(40)}`,
  subject: 'Fix it',
  owner: 'alice',
  url: 'https://review.example.org/c/openstack/nova/+/12345',
  patchset: 2,
  revision: 'a'.repeat(40),
  ref: 'refs/changes/45/12345/2',
};

const check: Pipeline = {
  name: 'check',
  triggers: [{ event: 'patchset-created' }, { event: 'recheck', names: ['zvm'] }],
  vote: { label: 'Verified', success: 1, failure: -1 },
  priority: 0,
};
const full: Pipeline = {
  name: 'full',
  triggers: [{ event: 'recheck', names: ['zvm-full'] }],
  vote: undefined,
  priority: 0,
};
const nova: ProjectSettings = {
  connection: 'review',
  project: 'openstack/nova',
  branches: ['master', 'stable/*'],
  pipelines: { check: ['tempest'], full: ['tempest', 'scenario'] },
};

const settings: Settings = {
  name: 'IBM z/VM CI',
  contact: 'zvm-ci@example.com',
  wikiUrl: undefined,
  labels: [],
  clouds: [],
  racks: [],
  hold: { maxTtl: 1, maxServers: 1 },
  backends: [],
  jobs: [],
  pipelines: [check, full],
  projects: [nova],
  limits: { console: 1, artifacts: 1, artifactFiles: 1, unreachable: 1 },
};

function created(over: Partial<Patchset> = {}): ReviewEvent {
  return { type: 'patchset-created', patchset: { ...patchset, ...over }, createdAt: 0 };
}

function comment(
  texts: readonly string[],
  author: { username?: string; name?: string } = { username: 'bob', name: 'Bob' },
): ReviewEvent {
  const { username, name } = author;
  return { type: 'comment-added', patchset, author: { username, name }, texts, messageId: undefined, createdAt: 0 };
}

describe('a new patchset', () => {
  test('runs the pipelines that wait for one and supersedes older patchsets', () => {
    expect(decide(created(), settings, own)).toEqual({
      action: 'run',
      runs: [{ pipeline: 'check', jobs: ['tempest'] }],
      cancels: 'older-patchsets',
      reason: 'New patchset: check runs tempest.',
    });
  });

  test('supersedes older patchsets even where only rechecks run', () => {
    const onRecheck = { ...settings, projects: [{ ...nova, pipelines: { full: ['tempest'] } }] };

    expect(decide(created(), onRecheck, own)).toMatchObject({ action: 'cancel', runs: [], cancels: 'older-patchsets' });
  });

  test('on a branch that matches a pattern runs', () => {
    expect(decide(created({ branch: 'stable/2026.1' }), settings, own).action).toBe('run');
  });

  test.each([
    ['another project', { project: 'openstack/cinder' }, 'Project openstack/cinder is not configured.'],
    ['another branch', { branch: 'feature/x' }, 'Branch feature/x of openstack/nova is not configured.'],
    ['another Gerrit', { connection: 'other' }, 'Project openstack/nova is not configured.'],
  ])('of %s is ignored', (_name, over, reason) => {
    expect(decide(created(over), settings, own)).toEqual({ action: 'ignore', runs: [], cancels: 'none', reason });
  });

  test('matched by two entries runs the jobs of both, each once', () => {
    const every = { ...nova, project: 'openstack/*', pipelines: { check: ['tempest', 'lint'] } };

    const decision = decide(created(), { ...settings, projects: [nova, every] }, own);

    expect(decision.runs).toEqual([{ pipeline: 'check', jobs: ['tempest', 'lint'] }]);
  });
});

describe('a comment', () => {
  test('with a bare recheck runs every pipeline with that trigger and cancels nothing', () => {
    const decision = decide(comment(['recheck']), settings, own);

    expect(decision).toMatchObject({ action: 'run', cancels: 'none' });
    expect(decision.runs.map((run) => run.pipeline)).toEqual(['check', 'full']);
    expect(decision.reason).toBe('"recheck" by Bob: check runs tempest; full runs tempest, scenario.');
  });

  test('with a name runs only the pipelines that know it', () => {
    expect(decide(comment(['recheck zvm-full']), settings, own).runs.map((run) => run.pipeline)).toEqual(['full']);
  });

  test('on the patchset level counts as well', () => {
    expect(decide(comment(['(1 comment)', 'recheck']), settings, own).action).toBe('run');
  });

  test('that calls a pipeline this project does not have is ignored, not taken as a bare recheck', () => {
    const withoutFull = { ...settings, projects: [{ ...nova, pipelines: { check: ['tempest'] } }] };

    const decision = decide(comment(['recheck zvm-full']), withoutFull, own);

    expect(decision).toMatchObject({
      action: 'ignore',
      reason: '"recheck zvm-full" by Bob: no pipeline it calls runs for this project.',
    });
  });

  test('about something else is ignored', () => {
    expect(decide(comment(['Looks good']), settings, own).reason).toBe('The comment is no recheck.');
  });

  test.each([
    ['ourselves by username', { username: 'zvm-ci' }],
    ['ourselves by name', { name: 'IBM z/VM CI' }],
    ['another CI', { username: 'linstor', name: 'LINBIT LINSTOR CI' }],
    ['another CI known by its username only', { username: 'linstor-ci' }],
    ['a bot', { name: 'OpenStack Proposal Bot' }],
    ['Zuul', { username: 'zuul', name: 'Zuul' }],
    ['Jenkins', { name: 'Jenkins' }],
  ])('by %s never triggers', (_name, author) => {
    expect(decide(comment(['recheck'], author), settings, own).action).toBe('ignore');
  });

  test.each([{ name: 'Anna Abbot' }, { name: 'Robert Botha' }, { name: 'Lucia Ci' }, {}])(
    'by %o triggers',
    (author) => {
      expect(decide(comment(['recheck'], author), settings, own).action).toBe('run');
    },
  );
});

test.each(['change-abandoned', 'change-merged'] as const)('%s ends all builds of the change', (type) => {
  expect(decide({ type, change: patchset, createdAt: 0 }, settings, own)).toMatchObject({
    action: 'cancel',
    cancels: 'change',
  });
});

test('whatever the event says, only configured jobs run and a reason is given', () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom('openstack/nova', 'master', 'review', '__proto__', 'constructor', 'recheck', 'zvm'),
  );
  const jobs = new Set(Object.values(nova.pipelines).flat());

  fc.assert(
    fc.property(word, word, word, fc.array(word), (connection, project, branch, texts) => {
      const event = comment(texts, { name: branch, username: project });
      const hostile = { ...event, patchset: { ...patchset, connection, project, branch } } as ReviewEvent;

      const decision = decide(hostile, settings, own);

      expect(decision.runs.length > 0).toBe(decision.action === 'run');
      expect(decision.runs.flatMap((run) => run.jobs).every((job) => jobs.has(job))).toBe(true);
      expect(decision.reason).toMatch(/^[^\p{Cc}]+$/u);
    }),
  );
});
