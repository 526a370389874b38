import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { unchangedKinds } from './event.ts';
import type { ChangeFacts, ChangeEvent } from './event.ts';
import type { Patchset } from './patchset.ts';
import type { ChangeFilter, FileRules, Pipeline, ProjectSettings, Settings } from './settings.ts';
import { decide } from './trigger.ts';

const name = 'IBM z/VM CI';
const own = { connection: 'review', username: 'zvm-ci' };

const patchsetTypes = ['patchset-created', 'change-restored', 'ready-for-review', 'made-public'] as const;

/** Mostly what the rules look for, else anything: with fewer hits nothing would ever run, and nothing be tested. */
function word(...likely: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...likely) },
    { weight: 1, arbitrary: fc.constantFrom('__proto__', 'constructor', '*', '') },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
  );
}

const project = word('openstack/nova', 'openstack/nova', 'openstack/cinder');
const branch = word('master', 'master', 'stable/2026.1');
const topic = word('zvm', 'kvm');
const user = word('zuul', 'alice', 'zvm-ci', 'linstor-ci');
const file = fc.oneof(
  fc.constantFrom(
    'doc/index.rst',
    'nova/virt/zvm/driver.py',
    'nova/tests/unit/x.py',
    'releasenotes/notes/x.yaml',
    'setup.cfg',
  ),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }),
);
const patterns = (of: fc.Arbitrary<string>) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.array(of, { minLength: 1, maxLength: 3 }) },
  );
const mostly = (likely: boolean) => fc.constantFrom(likely, likely, likely, !likely);

const facts: fc.Arbitrary<ChangeFacts> = fc.record({
  isWorkInProgress: mostly(false),
  isPrivate: mostly(false),
  topic: fc.option(topic, { nil: undefined }),
  hashtags: fc.array(topic, { maxLength: 2 }),
});

const trigger: fc.Arbitrary<Pipeline['triggers'][number]> = fc.oneof(
  fc.constantFrom(...patchsetTypes).map((event) => ({ event })),
  fc.constantFrom([], ['zvm'], ['full']).map((names) => ({ event: 'recheck' as const, names })),
  user.map((by) => ({ event: 'approval' as const, label: 'Verified', value: 1, by })),
);

const pipelines: fc.Arbitrary<readonly Pipeline[]> = fc
  .array(fc.array(trigger, { minLength: 2, maxLength: 5 }), { minLength: 2, maxLength: 3 })
  .map((all) =>
    all.map((triggers, index) => ({ name: `p${index}`, triggers, vote: undefined, priority: 0, isSilent: false })),
  );

const filter: fc.Arbitrary<ChangeFilter> = fc.record({
  owners: patterns(user),
  topics: patterns(topic),
  hashtags: patterns(topic),
  workInProgress: mostly(true),
  private: mostly(true),
});

const fileRules: fc.Arbitrary<FileRules | undefined> = fc.option(
  fc.record({
    only: patterns(fc.constantFrom('nova/virt/*', 'doc/*')),
    skip: patterns(fc.constantFrom('docs', 'unit-tests', 'release-notes', 'setup.cfg')),
    urgent: fc.option(fc.constant({ files: ['nova/virt/zvm/**'], raise: 7 }), { nil: undefined }),
  }),
  { nil: undefined, freq: 6 },
);

const entry: fc.Arbitrary<ProjectSettings> = fc
  .record({
    project,
    branches: fc.array(word('master', '*', 'stable/*', '!stable/2025.*'), { minLength: 1, maxLength: 3 }),
    filter,
    fileRules,
    keepVerdict: fc.option(fc.subarray([...unchangedKinds], { minLength: 1 }), { nil: undefined }),
    jobs: fc.dictionary(
      fc.constantFrom('p0', 'p1', 'p2'),
      fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 2 }),
      { minKeys: 1 },
    ),
  })
  .map(({ jobs, ...rest }) => ({ ...rest, connection: 'review', pipelines: jobs }) as unknown as ProjectSettings);

const settings: fc.Arbitrary<Settings> = fc
  .record({ pipelines, projects: fc.array(entry, { minLength: 2, maxLength: 4 }) })
  .map((some) => ({ ...some, name }) as unknown as Settings);

const patchset: fc.Arbitrary<Patchset> = fc
  .record({ project, branch, owner: user, connection: word('review') })
  .map((some) => ({ ...some, number: 1, patchset: 2, changeId: 'I', subject: '', url: '', revision: '', ref: '' }));

const onPatchset = fc.record({ patchset, facts, createdAt: fc.constant(0) });
const patchsetEvent = fc
  .tuple(fc.constantFrom(...patchsetTypes), onPatchset)
  .map(([type, rest]) => ({ type, ...rest }));
const commentEvent = fc
  .record({
    texts: fc.array(word('recheck', 'recheck zvm', 'run-IBM z/VM CI', '> recheck', 'please recheck'), { maxLength: 3 }),
    username: user,
    fullName: word('Zuul', 'Alice', 'LINBIT LINSTOR CI', name),
    approvals: fc.array(fc.record({ label: word('Verified', 'Code-Review'), value: fc.integer({ min: -2, max: 2 }) })),
    rest: onPatchset,
  })
  .map(({ texts, username, fullName, approvals, rest }) => ({
    type: 'comment-added' as const,
    ...rest,
    texts,
    approvals,
    author: { username, name: fullName },
    messageId: undefined,
  }));
const closedEvent = fc
  .tuple(fc.constantFrom('change-abandoned' as const, 'change-merged' as const), patchset)
  .map(([type, change]) => ({ type, change, createdAt: 0 }));
const event: fc.Arbitrary<ChangeEvent> = fc.oneof(
  { weight: 3, arbitrary: patchsetEvent },
  { weight: 3, arbitrary: commentEvent },
  { weight: 1, arbitrary: closedEvent },
);
const files = fc.option(fc.array(file, { maxLength: 4 }), { nil: undefined });

function jobsOf(decision: ReturnType<typeof decide>): readonly string[] {
  return decision.runs.flatMap(({ pipeline, jobs }) => jobs.map((job) => `${pipeline} ${job}`)).toSorted();
}

const often = { numRuns: 2000 };

test('the samples hit: what is tested below does run things, asks for files, and is kept out by rules', () => {
  const seen = { ignore: 0, run: 0, cancel: 0, asks: 0 };
  for (const [heard, configured] of fc.sample(fc.tuple(event, settings), 2000)) {
    const { action, asksForFiles } = decide(heard, configured, own);
    seen[action] += 1;
    if (asksForFiles) seen.asks += 1;
  }

  for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(100);
});

describe('whatever is configured and whatever Gerrit says', () => {
  test('a decision agrees with itself', () => {
    fc.assert(
      fc.property(event, settings, files, (heard, configured, paths) => {
        const decision = decide(heard, configured, own, paths);

        expect(decision.action === 'run').toBe(decision.runs.length > 0);
        expect(decision.action === 'cancel').toBe(decision.runs.length === 0 && decision.cancels !== 'none');
        expect(decision.reason).toMatch(/^[^\p{Cc}]{1,500}$/u);
        expect(new Set(jobsOf(decision)).size).toBe(jobsOf(decision).length);
        if (paths) expect(decision.asksForFiles).toBeUndefined();
        else expect(decision.raise).toBeUndefined();
      }),
      often,
    );
  });

  test('only jobs that an entry of this project names run', () => {
    fc.assert(
      fc.property(event, settings, files, (heard, configured, paths) => {
        const decision = decide(heard, configured, own, paths);

        for (const { pipeline, jobs } of decision.runs)
          for (const job of jobs)
            expect(configured.projects.some(({ pipelines: all }) => all[pipeline]?.includes(job))).toBe(true);
      }),
      often,
    );
  });

  test('what closes a change never runs anything', () => {
    fc.assert(
      fc.property(closedEvent, settings, (heard, configured) => {
        expect(decide(heard, configured, own).runs).toEqual([]);
      }),
    );
  });

  test('our own comments and those of machines run only what waits for that vote', () => {
    fc.assert(
      fc.property(
        commentEvent,
        settings,
        fc.constantFrom({ username: 'zvm-ci', name: 'X' }, { username: 'x', name }, { username: 'zuul', name: 'Zuul' }),
        (heard, configured, author) => {
          const said = { ...heard, patchset: { ...heard.patchset, connection: 'review' }, author };
          const waiting = configured.pipelines.filter(({ triggers }) =>
            triggers.some((one) => one.event === 'approval' && one.by === author.username),
          );

          const ran = decide(said, configured, own).runs.map(({ pipeline }) => pipeline);

          expect(ran.filter((one) => !waiting.some((pipeline) => pipeline.name === one))).toEqual([]);
        },
      ),
      often,
    );
  });

  test('a stricter filter never runs more', () => {
    fc.assert(
      fc.property(event, settings, files, (heard, configured, paths) => {
        const open = { owners: undefined, topics: undefined, hashtags: undefined, workInProgress: true, private: true };
        const free = {
          ...configured,
          projects: configured.projects.map((one) => ({ ...one, filter: open, fileRules: undefined })),
        };
        // A vote that the filter keeps out may still be read as a recheck, which has a decision of its own.
        fc.pre(!('approvals' in heard) || heard.approvals?.length === 0);

        const wide = new Set(jobsOf(decide(heard, free, own, paths)));

        expect(jobsOf(decide(heard, configured, own, paths)).filter((job) => !wide.has(job))).toEqual([]);
      }),
      often,
    );
  });

  test('files are asked for only where something would run and a rule is about them', () => {
    fc.assert(
      fc.property(event, settings, (heard, configured) => {
        const decision = decide(heard, configured, own);
        if (decision.asksForFiles) expect(decision.action).toBe('run');
        const without = {
          ...configured,
          projects: configured.projects.map((one) => ({ ...one, fileRules: undefined })),
        };

        expect(decide(heard, without, own).asksForFiles).toBeUndefined();
      }),
      often,
    );
  });

  test('files only take away: nothing runs with them that would not run without them', () => {
    fc.assert(
      fc.property(patchsetEvent, settings, fc.array(file), (heard, configured, paths) => {
        const before = new Set(jobsOf(decide(heard, configured, own)));

        expect(jobsOf(decide(heard, configured, own, paths)).filter((job) => !before.has(job))).toEqual([]);
      }),
      often,
    );
  });

  test('when files are not asked for they change nothing', () => {
    fc.assert(
      fc.property(event, settings, fc.array(file), (heard, configured, paths) => {
        const unread = decide(heard, configured, own);
        fc.pre(!unread.asksForFiles);

        expect(jobsOf(decide(heard, configured, own, paths))).toEqual(jobsOf(unread));
      }),
      often,
    );
  });
});
