import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PatchsetEvent, ChangeEvent } from './event.ts';
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
  isSilent: false,
};
const full: Pipeline = {
  name: 'full',
  triggers: [{ event: 'recheck', names: ['zvm-full'] }],
  vote: undefined,
  priority: 0,
  isSilent: false,
};
const nova: ProjectSettings = {
  connection: 'review',
  project: 'openstack/nova',
  branches: ['master', 'stable/*'],
  pipelines: { check: ['tempest'], full: ['tempest', 'scenario'] },
  filter: { owners: undefined, topics: undefined, hashtags: undefined, workInProgress: true, private: true },
  votes: 'full',
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
  signatures: [],
  changeSweep: { every: 1, maxAge: 1, limit: 1 },
  stormBrake: { failures: 0, resume: 'success' },
  notices: { after: 0, again: 0, remind: undefined, every: 0 },
  logs: { keep: { passed: 1, failed: 1, infra: 1, held: 1 }, keepLocal: 0, disk: undefined },
  limits: { console: 1, artifacts: 1, artifactFiles: 1, unreachable: 1 },
};

function created(over: Partial<Patchset> = {}): ChangeEvent {
  return { type: 'patchset-created', patchset: { ...patchset, ...over }, createdAt: 0 };
}

function comment(
  texts: readonly string[],
  author: { username?: string; name?: string } = { username: 'bob', name: 'Bob' },
): ChangeEvent {
  const { username, name } = author;
  return { type: 'comment-added', patchset, author: { username, name }, texts, messageId: undefined, createdAt: 0 };
}

describe('a new patchset', () => {
  test('runs the pipelines that wait for one and supersedes older patchsets', () => {
    expect(decide(created(), settings, own)).toEqual({
      action: 'run',
      runs: [{ pipeline: 'check', jobs: ['tempest'] }],
      isOnce: true,
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
    expect(decide(created(over), settings, own)).toEqual({
      action: 'ignore',
      runs: [],
      cancels: 'none',
      isOnce: false,
      reason,
    });
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

describe('what happens to a change as a whole', () => {
  const states = ['change-restored', 'ready-for-review', 'made-public'] as const;
  const eager: Pipeline = { ...check, triggers: states.map((event) => ({ event })) };

  test.each(states)('%s runs what waits for it, unless it has its result, and cancels nothing', (type) => {
    const decision = decide({ type, patchset, createdAt: 0 }, { ...settings, pipelines: [eager] }, own);

    expect(decision).toMatchObject({ action: 'run', isOnce: true, cancels: 'none', runs: [{ pipeline: 'check' }] });
  });

  test.each(states)('%s is ignored where nothing waits for it', (type) => {
    expect(decide({ type, patchset, createdAt: 0 }, settings, own)).toMatchObject({
      action: 'ignore',
      reason: expect.stringContaining('no pipeline of this project runs on') as string,
    });
  });
});

describe('a vote', () => {
  const afterZuul: Pipeline = {
    ...check,
    triggers: [{ event: 'approval', label: 'Verified', value: 1, by: 'zuul' }],
  };
  const waiting = { ...settings, pipelines: [afterZuul] };
  const zuul = { username: 'zuul', name: 'Zuul' };
  const voted = (label: string, value: number, author = zuul) => ({
    ...comment(['Build succeeded (check pipeline).'], author),
    approvals: [{ label, value }],
  });

  test('that is waited for runs once, though a machine gave it', () => {
    expect(decide(voted('Verified', 1) as ChangeEvent, waiting, own)).toMatchObject({
      action: 'run',
      isOnce: true,
      reason: 'Vote of Zuul: check runs tempest.',
    });
  });

  test.each([
    ['of another value', voted('Verified', -1)],
    ['on another label', voted('Code-Review', 1)],
    ['by somebody else', voted('Verified', 1, { username: 'mallory', name: 'Zuul' })],
  ])('%s does not', (_name, event) => {
    expect(decide(event as ChangeEvent, waiting, own).action).toBe('ignore');
  });

  test('beside a recheck of a person leaves the recheck what it is', () => {
    const event = { ...comment(['recheck']), approvals: [{ label: 'Code-Review', value: 1 }] } as ChangeEvent;

    expect(decide(event, settings, own)).toMatchObject({ action: 'run', isOnce: false });
  });
});

describe('a filter', () => {
  const facts = { isWorkInProgress: false, isPrivate: false, topic: 'zvm', hashtags: ['s390x'] };
  const only = (filter: Partial<ProjectSettings['filter']>) => ({
    ...settings,
    projects: [{ ...nova, filter: { ...nova.filter, ...filter } }],
  });
  const pushed = (changes: Partial<typeof facts> = {}): ChangeEvent => ({
    ...(created() as PatchsetEvent),
    facts: { ...facts, ...changes },
  });

  test.each([
    ['owner', { owners: ['ali*'] }, pushed(), true],
    ['another owner', { owners: ['bob'] }, pushed(), false],
    ['topic', { topics: ['zvm*'] }, pushed(), true],
    ['another topic', { topics: ['kvm'] }, pushed(), false],
    ['no topic', { topics: ['*'] }, pushed({ topic: undefined as unknown as string }), false],
    ['hashtag', { hashtags: ['kvm', 's390x'] }, pushed(), true],
    ['no hashtag', { hashtags: ['s390x'] }, pushed({ hashtags: [] }), false],
    ['work in progress', {}, pushed({ isWorkInProgress: true }), true],
    ['work in progress that is not wanted', { workInProgress: false }, pushed({ isWorkInProgress: true }), false],
    ['a private change', {}, pushed({ isPrivate: true }), true],
    ['a private change that is not wanted', { private: false }, pushed({ isPrivate: true }), false],
  ] as const)('by %s lets through: %o', (_name, filter, event, passes) => {
    const decision = decide(event, only(filter), own);

    expect(decision.runs.length > 0).toBe(passes);
    // Builds of older patchsets are obsolete in any case.
    expect(decision.cancels).toBe('older-patchsets');
    if (!passes) expect(decision.reason).toMatch(/tested here\.$/);
  });

  test('lets a recheck of work in progress through, and none of a private change', () => {
    const recheck = { ...comment(['recheck']), facts: { ...facts, isWorkInProgress: true } } as ChangeEvent;
    const hidden = { ...comment(['recheck']), facts: { ...facts, isPrivate: true } } as ChangeEvent;
    const strict = only({ workInProgress: false, private: false });

    expect([decide(recheck, strict, own).action, decide(hidden, strict, own).action]).toEqual(['run', 'ignore']);
  });

  test('knows branches that are left out', () => {
    const stable = { ...settings, projects: [{ ...nova, branches: ['stable/*', '!stable/2023.*'] }] };

    expect(
      ['stable/2026.1', 'stable/2023.2', 'master'].map((branch) => decide(created({ branch }), stable, own).action),
    ).toEqual(['run', 'ignore', 'ignore']);
  });
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
      const hostile = { ...event, patchset: { ...patchset, connection, project, branch } } as ChangeEvent;

      const decision = decide(hostile, settings, own);

      expect(decision.runs.length > 0).toBe(decision.action === 'run');
      expect(decision.runs.flatMap((run) => run.jobs).every((job) => jobs.has(job))).toBe(true);
      expect(decision.reason).toMatch(/^[^\p{Cc}]+$/u);
    }),
  );
});
