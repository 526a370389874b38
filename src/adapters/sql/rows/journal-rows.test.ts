import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSampleRows, patchsetCreated, patchsetOf } from '../testing/sample-rows.ts';
import type { SampleRows } from '../testing/sample-rows.ts';

let rows: SampleRows;

beforeEach(async () => {
  rows = await createSampleRows();
});
afterEach(() => rows.drop());

describe('the journal', () => {
  test('takes an event once, however often, from wherever and in whatever batch it is heard', async () => {
    const event = patchsetCreated(patchsetOf(1));
    const other = patchsetCreated(patchsetOf(2));

    const first = await rows.store.appendEvents([event, event, other]);
    const again = await rows.store.appendEvents([other, { ...event, source: 'backfill' }]);
    const elsewhere = await rows.store.appendEvents([{ ...event, connection: 'other' }]);

    expect([first, again, elsewhere]).toEqual([2, 0, 1]);
  });

  test('keeps what a hostile event holds, as far as PostgreSQL can', async () => {
    const subject = "\u0000 \ud83d\ude00 \\u0000 \u202e <script> '; drop table events; --";

    await rows.store.appendEvents([patchsetCreated({ ...patchsetOf(1), subject })]);
    const [found] = await rows.store.undecidedEvents(10);

    expect(found?.event).toMatchObject({
      patchset: { subject: "\ufffd \ud83d\ude00 \\ufffd \u202e <script> '; drop table events; --" },
    });
  });

  test('is taken back when the transaction fails', async () => {
    const broken = rows.store.transaction(async (tx) => {
      await tx.appendEvents([patchsetCreated(patchsetOf(1))]);
      throw new Error('the process dies here');
    });

    await expect(broken).rejects.toThrow('dies here');
    expect(await rows.store.undecidedEvents(10)).toEqual([]);
  });

  test('gives two deciding processes different events, oldest first', async () => {
    await rows.store.appendEvents([1, 2, 3].map((number) => patchsetCreated(patchsetOf(number))));

    const [ours, theirs] = await rows.store.transaction(async (one) => {
      const mine = await one.undecidedEvents(2);
      const other = await rows.store.transaction((two) => two.undecidedEvents(10));
      return [mine, other];
    });

    expect([ours, theirs].map((events) => events.map(({ key }) => key))).toEqual([['ps:1,1', 'ps:2,1'], ['ps:3,1']]);
  });

  test('a decided event is not decided again', async () => {
    const id = await rows.addEvent();

    await rows.store.recordDecisions([{ eventId: id, decision: 'ignored', reason: 'no project' }]);

    expect(await rows.store.undecidedEvents(10)).toEqual([]);
  });

  test('the time up to which all is heard never goes back', async () => {
    const before = await rows.store.heardUntil('review');
    await rows.store.saveHeardUntil('review', 5000);
    await rows.store.saveHeardUntil('review', 3000);

    const after = await rows.store.heardUntil('review');

    expect([before, after]).toEqual([undefined, 5000]);
  });

  test('the current patchset of a change never goes back', async () => {
    const saved = [];
    for (const patchset of [2, 1, 3]) saved.push(await rows.store.saveCurrentPatchset(patchsetOf(7, patchset)));

    expect(saved).toEqual([2, 2, 3]);
  });
});
