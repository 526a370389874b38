import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { prepareNoticeFlow } from '../../test/flow/notice-flow.ts';
import type { NoticeFlow } from '../../test/flow/notice-flow.ts';
import { sendNotices } from './send-notices.ts';

let prepared: NoticeFlow;
beforeEach(async () => {
  prepared = await prepareNoticeFlow();
});
afterEach(() => prepared.drop());

const flowWith: NoticeFlow['flowWith'] = (timing) => prepared.flowWith(timing);

function open(subject: string): Promise<void> {
  return prepared.rows.store.saveNotice({ code: 'backend-sick', subject, text: `${subject} is down` });
}

/** Subjects of each message, by channel. */
function told() {
  const webhook = prepared.receiver.posts.map(({ body }) =>
    (JSON.parse(body) as { notices: { subject: string }[] }).notices.map(({ subject }) => subject),
  );
  return { mails: prepared.mailbox.mails.length, webhook };
}

/** As if so much time had passed. */
async function later(milliseconds: number): Promise<void> {
  const ago = `make_interval(secs => ${milliseconds} / 1000.0)`;
  await prepared.rows.database.pool.query(`update notice_channels set next_at = next_at - ${ago}`);
  await prepared.rows.database.pool.query(
    `update told_notices set told_at = told_at - ${ago}, opened_at = opened_at - ${ago}`,
  );
  await prepared.rows.database.pool.query(`update notices set opened_at = opened_at - ${ago}`);
}

describe('a notice', () => {
  test('is told once to each channel, however often it is repeated', async () => {
    const flow = flowWith();
    await open('lpar1');
    await sendNotices(flow);
    await open('lpar1');
    await sendNotices(flow);

    expect(told()).toEqual({ mails: 1, webhook: [['lpar1']] });
  });

  test('is told together with all others of the moment', async () => {
    for (let number = 0; number < 60; number += 1) await open(`lpar${String(number).padStart(2, '0')}`);

    await sendNotices(flowWith());

    expect(told().webhook.map((subjects) => subjects.length)).toEqual([50]);
    expect(prepared.mailbox.mails[0]?.source).toContain('and 49+ more');
    await sendNotices(flowWith());
    expect(told().webhook.map((subjects) => subjects.length)).toEqual([50, 10]);
  });

  test('that mends itself soon is not told', async () => {
    const flow = flowWith({ after: 60_000 });
    await open('lpar1');
    await open('lpar2');
    await sendNotices(flow);
    const soon = told().webhook;
    await prepared.rows.store.closeNotice('backend-sick', 'lpar1');
    await later(60_000);
    await sendNotices(flow);

    expect([soon, told()]).toEqual([[], { mails: 1, webhook: [['lpar2']] }]);
  });

  test('that opens again is told again, no earlier than configured', async () => {
    const flow = flowWith();
    const reopen = async () => {
      await prepared.rows.store.closeNotice('backend-sick', 'lpar1');
      await open('lpar1');
      await sendNotices(flow);
    };
    await open('lpar1');
    await sendNotices(flow);
    await reopen();
    const soon = told().mails;
    await later(3_600_000);
    await reopen();

    expect([soon, told().mails]).toEqual([1, 2]);
  });

  test.each([
    [86_400_000, 2],
    [undefined, 1],
  ])('that stays open, with remind %s: told %i times in a day', async (remind, times) => {
    const flow = flowWith({ remind });
    await open('lpar1');
    await sendNotices(flow);
    await later(86_400_000);
    await sendNotices(flow);

    expect(told().mails).toBe(times);
  });

  test('waits for the pause between two messages', async () => {
    const flow = flowWith({ every: 60_000 });
    await open('lpar1');
    await sendNotices(flow);
    await open('lpar2');
    await sendNotices(flow);
    const soon = told();
    await later(60_000);
    await sendNotices(flow);

    expect([soon.webhook, told().webhook]).toEqual([[['lpar1']], [['lpar1'], ['lpar2']]]);
  });

  test('is told once by two processes', async () => {
    await open('lpar1');

    await Promise.all([sendNotices(flowWith()), sendNotices(flowWith())]);

    expect(told()).toEqual({ mails: 1, webhook: [['lpar1']] });
  });
});

describe('a channel that fails', () => {
  test('is tried again with growing pauses, tells the others, and holds none of them up', async () => {
    const flow = flowWith();
    await open('lpar1');
    prepared.mailbox.refuse('451 come back later');
    await sendNotices(flow);
    await sendNotices(flow);
    const first = told();
    prepared.mailbox.refuse(undefined);
    await later(10_000);
    await sendNotices(flow);

    expect([first.mails, first.webhook.flat()]).toEqual([0, ['lpar1', 'e-mail']]);
    expect(told().mails).toBe(1);
    const { rows: open9 } = await prepared.rows.database.pool.query(`select code from notices where closed_at is null`);
    expect(open9).toEqual([{ code: 'backend-sick' }]);
  });

  test('is not asked during its pause', async () => {
    const flow = flowWith();
    await open('lpar1');
    prepared.receiver.answer(500);
    await sendNotices(flow);
    prepared.receiver.answer(200);
    await later(9000);
    await sendNotices(flow);
    const soon = told().webhook.length;
    await later(1000);
    await sendNotices(flow);

    expect([soon, told().webhook]).toEqual([0, [['lpar1']]]);
  });

  test('by the death of its process, is used again after its claim', async () => {
    await open('lpar1');
    await prepared.rows.store.claimChannel('webhook chat', 120_000);
    await sendNotices(flowWith());
    const soon = told().webhook;
    await later(120_000);
    await sendNotices(flowWith());

    expect([soon, told().webhook]).toEqual([[], [['lpar1']]]);
  });
});
