import { expect, test } from 'vitest';
import { actAs, changeOf, commentAs } from '../../../lab/gerrit/review-as.ts';
import type { PushedPatchset } from '../../../lab/gerrit/push-change.ts';
import { until } from '../world/look.ts';
import type { Stage } from './stage.ts';

/** What starts builds beside new patchsets and rechecks. */
export function triggerStories(on: () => Stage): void {
  test('work in progress waits until it is ready for review', async () => {
    const { gerrit, push, says } = on();
    const pushed = await push({}, { option: 'wip' });
    await decided(on(), pushed, 'patchset-created', /work in progress is not tested here/);

    await actAs(gerrit, 'dev', `${changeOf(pushed)}/ready`, {});

    await says(pushed, { comments: [1], verified: 1 });
  });

  test('an abandoned change that is restored gets the result it did not get', async () => {
    const { gerrit, push, says } = on();
    const pushed = await push({ seconds: 3 });
    await until(
      () => on().builds(pushed),
      (found) => found.some(({ phase }) => phase === 'test'),
    );
    await actAs(gerrit, 'dev', `${changeOf(pushed)}/abandon`, {});
    await decided(on(), pushed, 'change-abandoned', /abandoned/);

    await actAs(gerrit, 'dev', `${changeOf(pushed)}/restore`, {});

    await says(pushed, { comments: [1], verified: 1 });
  });

  test('a private change, which nobody tells us of, is tested when it becomes public', async () => {
    const { gerrit, push, says } = on();
    const pushed = await push({}, { option: 'private' });

    await actAs(gerrit, 'dev', `${changeOf(pushed)}/private.delete`, {});

    await says(pushed, { comments: [1], verified: 1 });
    await decided(on(), pushed, 'made-public', /no longer private: check runs story/);
  });

  test('a vote that a pipeline waits for runs it, once', async () => {
    const { gerrit, push, says } = on();
    const pushed = await push({});
    await says(pushed, { comments: [1], verified: 1 });

    await commentAs(gerrit, 'dev', pushed, { message: 'good', labels: { 'Code-Review': 1 } });
    const view = await says(pushed, { comments: [1, 1], verified: 1 });
    await commentAs(gerrit, 'dev', pushed, { message: 'no', labels: { 'Code-Review': 0 } });
    await commentAs(gerrit, 'dev', pushed, { message: 'good again', labels: { 'Code-Review': 1 } });
    await decided(on(), pushed, 'comment-added', /has its result/);

    expect(view.comments.map(({ tag }) => tag?.split(':').at(-1))).toEqual(['check', 'after']);
  });
}

/** Waits for a decision about a change, by its reason. */
export function decided({ status }: Stage, { change }: PushedPatchset, type: string, reason: RegExp) {
  return until(status, ({ events }) =>
    events.some(
      (event) =>
        event.type === type &&
        / (\d+)(?:,|$)/.exec(event.patchset)?.[1] === String(change) &&
        reason.test(event.reason ?? ''),
    ),
  );
}
