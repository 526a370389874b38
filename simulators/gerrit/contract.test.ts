import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { normalized, recordedEvents, restSample, sampleNames, shape, sshSample } from './testing/fixtures.ts';
import { rest, ssh, startKit } from './testing/kit.ts';
import type { Kit } from './testing/kit.ts';
import { Scenario } from './testing/scenario.ts';

/** The recorded session is played again on the simulator; what it answers is compared with what the real Gerrit answered. */

let kit: Kit;
let scenario: Scenario;

beforeAll(async () => {
  const projects = ['openstack/nova', 'openstack/nova-zvm', 'openstack/newproj'].map((name) => ({
    name,
    branches: ['master', 'stable/2026.1', 'x1'],
  }));
  kit = await startKit({ projects });
  scenario = await Scenario.play(kit);
}, 120_000);

afterAll(() => kit.stop());

/** Topic and hashtags were changed between the recorded steps by ways the simulator has not. */
function comparable(events: Record<string, unknown>[]): unknown[] {
  return events
    .map((event) => {
      const copy = structuredClone(event) as { change?: Record<string, unknown> };
      if (event['type'] !== 'topic-changed') {
        delete copy.change?.['topic'];
        delete copy.change?.['hashtags'];
      }
      return normalized(copy);
    })
    .toSorted((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1));
}

describe('stream-events', () => {
  test.each([
    'patchset-created',
    'patchset-created REWORK ps2',
    'patchset-created NO_CODE_CHANGE ps3',
    'comment-added recheck',
    'comment-added multi-line recheck zvm-ci',
    'comment-added inline comment',
    'comment-added patchset-level',
    'comment-added CR-1 vote by dev',
    'comment-added Verified+1 by zvm-ci (tag)',
    'comment-added Verified-1 over Verified+1',
    'vote set to 0 by self',
    'wip-state-changed on',
    'patchset-created while WIP ps4',
    'wip-state-changed off (ready)',
    'change-abandoned',
    'change-restored',
    'patchset-created %wip',
    'chain of 3 in one push',
    'rebase via REST (trivial)',
    'patchset-created NO_CHANGE (same tree/msg)',
    'REST create change (empty)',
    'm: create A',
    'm: create B on top of A',
    'm: create C (independent)',
    'm: votes on C incl Workflow+1',
    'm: change-merged C (REST submit by zuul)',
    'm: TRIVIAL_REBASE of A',
    'm: votes after TRIVIAL_REBASE',
    'm: TRIVIAL_REBASE_WITH_MESSAGE_UPDATE B',
    'm: NO_CHANGE B',
    'm: commit message edit via REST (NO_CODE_CHANGE)',
    'm: gerrit review ssh vote',
    'm: emoji/4-byte & CR LF comment',
  ])('says the same as the real Gerrit: %s', (step) => {
    const recorded = recordedEvents(step);

    const heard = scenario.heard.get(step) ?? [];

    expect(comparable(heard)).toEqual(comparable(recorded));
  });

  test('keeps the order of the real Gerrit within one push', () => {
    const types = scenario.heard.get('patchset-created')?.map(({ type }) => type);

    expect(types).toEqual(['ref-updated', 'ref-updated', 'patchset-created', 'topic-changed']);
  });

  test('hides a private change from an account that has no part in it', () => {
    expect(scenario.heard.get('(private change)')).toEqual([]);
  });
});

describe('REST', () => {
  const errors = [
    ...sampleNames('rest-err-'),
    ...sampleNames('rest-review-err-'),
    ...sampleNames('rest-recover-bad-'),
    'rest-recover-skip-visibility',
    'rest-review-abandoned-vote',
    'rest-review-on-behalf-of',
    'rest-review-strict-ignored',
    'rest-checks-plugin',
    'rest-checks-plugin2',
    'rest-events-log-plugin',
    'rest-robotcomments-list',
  ].filter((name) => restSample(name).status >= 400);

  test.each(errors)('refuses in the same words: %s', async (name) => {
    const sample = restSample(name);
    const user = name === 'rest-review-err-401' ? 'nobody' : sample.request.user;

    const answer = await rest(kit.url, { ...sample.request, user });

    expect({ status: answer.status, type: answer.contentType, body: answer.body }).toEqual({
      status: sample.status,
      type: sample.headers['content-type'],
      body: sample.body,
    });
  });

  const reviews = sampleNames('rest-review-').filter((name) => restSample(name).status === 200);

  test.each(reviews)('takes the same reviews: %s', async (name) => {
    const sample = restSample(name);
    const ignored = new Set([
      'hashtags',
      'attention_set',
      'removed_from_attention_set',
      'topic',
      'submitted',
      'submitter',
      'applied_by',
    ]);
    const type = name.includes('no-content-type') ? 'application/x-www-form-urlencoded' : undefined;

    const answer = await rest(kit.url, sample.request, type);

    expect(answer.status).toBe(200);
    expect(Object.keys(answer.body as object)).toEqual(Object.keys(sample.body as object));
    expect((answer.body as { labels: unknown }).labels).toEqual((sample.body as { labels: unknown }).labels);
    expect(shape(answer.body, ignored)).toEqual(shape(sample.body, ignored));
  });

  test.each([
    'rest-version',
    'rest-projects',
    'rest-self-capabilities',
    'rest-self-capabilities-nova',
    'rest-private-invisible',
    'rest-depends-on-search-msg2',
    'rest-related-b',
  ])('answers exactly the same: %s', async (name) => {
    const sample = restSample(name);

    const answer = await rest(kit.url, sample.request);

    expect(answer).toMatchObject({ status: 200, contentType: sample.headers['content-type'], body: sample.body });
  });

  test.each([
    'rest-self',
    'rest-self-groups',
    'rest-branches',
    'rest-access-check',
    'rest-commit',
    'rest-triplet',
    'rest-create-change',
    'rest-change-messages',
    'rest-change-comments',
    'rest-change-all-revisions',
    'rest-change-detail',
    'rest-permitted-labels',
    'rest-recover-since-age',
    'rest-recover-page1',
    'rest-recover-n-too-big',
    'rest-recover-no-limit',
    'rest-recover-multi-q',
    'rest-depends-on-by-changeid',
    'rest-related',
  ])('answers with the same fields of the same types: %s', async (name) => {
    const sample = restSample(name);
    const changing = [
      'topic',
      'submitted',
      'submitter',
      'applied_by',
      'groups',
      'CC',
      'removable_labels',
      'in_reply_to',
      'work_in_progress',
      'submission_id',
      // Which changes are the newest three depends on the second in which each was made.
      'hashtags',
    ];
    const missing = [
      'description',
      'conflicts',
      'accounts_in_message',
      'cherry_pick_of_change',
      'cherry_pick_of_patch_set',
    ];
    const ignored = new Set([
      ...changing,
      ...missing,
      'tag',
      'attention_set',
      'removed_from_attention_set',
      '_more_changes',
      'submit_type',
    ]);

    const answer = await rest(kit.url, sample.request);

    expect({ status: answer.status, shape: oneEach(shape(answer.body, ignored)) }).toEqual({
      status: sample.status,
      shape: oneEach(shape(sample.body, ignored)),
    });
  });

  test('shows labels, messages, files and requirements of a change as the real Gerrit does', async () => {
    const options = restSample('rest-recover-changes').request.path.split('&').slice(1).join('&');
    const recorded = (restSample('rest-recover-changes').body as { _number: number }[]).find(
      ({ _number }) => _number === 11,
    );
    const ignored = new Set(['topic', 'attention_set', 'removed_from_attention_set', 'tag', 'CC']);

    const answer = await kit.get('zvm-ci', `/a/changes/?q=change:11&${options}`);

    const [change] = answer.body as object[];
    // The recorded change has been given late votes and comments since, as this one has by the reviews above.
    const without = (body: unknown) =>
      shape({ ...(body as object), labels: {}, removable_reviewers: [], reviewers: {} }, ignored);
    expect(without(change)).toEqual(without(recorded));
  });

  test('knows the sizes of the commit message as a file', async () => {
    const recorded = restSample('rest-files').body as Record<string, { size: number; lines_inserted: number }>;

    const answer = await kit.get('zvm-ci', '/a/changes/9/revisions/2/files/');

    const files = answer.body as typeof recorded;
    expect(shape(files)).toEqual(shape(recorded));
    expect(files['/COMMIT_MSG']).toMatchObject({ size: 258, lines_inserted: 9 });
  });
});

/** Lists of different things have different mixtures: enough when every recorded kind of entry can occur. */
function oneEach(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('each' in value) return { each: (value.each as string[]).slice(0, 1) };
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, oneEach(field)]));
}

describe('SSH', () => {
  test.each([
    'ssh-version',
    'ssh-version-json',
    'ssh-nocmd',
    'ssh-query-bad',
    'ssh-stream-bad-sub',
    'ssh-stream-noperm',
    'ssh-review-badlabel',
    'ssh-review-badps',
    'ssh-review-nochange',
    'ssh-review-noperm',
    'ssh-review-range',
    'ssh-review-strict',
    'ssh-review-ok',
    'ssh-review-quote',
    'ssh-review-merged',
  ])('answers exactly the same: %s', async (name) => {
    const { user, cmd, ...recorded } = sshSample(name);

    const answer = await ssh(kit.sshPort, user, cmd);

    expect(answer).toEqual(recorded);
  });

  test('lists projects in the same format', async () => {
    const { user, cmd, stdout } = sshSample('ssh-ls-projects');

    const answer = await ssh(kit.sshPort, user, cmd);

    expect(JSON.parse(answer.stdout)).toEqual(JSON.parse(stdout));
  });

  test('describes a change and its patchsets with the same fields', async () => {
    const { user, cmd, stdout } = sshSample('ssh-query-change');
    const ignored = new Set(['approvals']);

    const answer = await ssh(kit.sshPort, user, cmd);

    const lines = (text: string) =>
      text
        .trim()
        .split('\n')
        .map((line) => shape(JSON.parse(line), ignored));
    expect(lines(answer.stdout)).toEqual(lines(stdout));
  });

  test('adds approvals, comments, files and dependencies when asked', async () => {
    const { user, cmd, stdout } = sshSample('ssh-query');
    const recorded = JSON.parse(stdout.split('\n')[0] ?? '');

    const answer = await ssh(kit.sshPort, user, cmd.replace('limit:2 status:open', 'change:9'));

    const [change] = answer.stdout.split('\n').map((line) => line && JSON.parse(line));
    expect(Object.keys(change)).toEqual(expect.arrayContaining(Object.keys(recorded).filter((key) => key !== 'topic')));
    expect(Object.keys(change.currentPatchSet)).toEqual(Object.keys(recorded.currentPatchSet));
    expect(shape(change.submitRecords)).toEqual(shape(recorded.submitRecords));
  });
});
