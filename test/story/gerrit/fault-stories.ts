import { expect, test } from 'vitest';
import { until } from '../world/look.ts';
import { allReported, reportOn } from './hold-reports.ts';
import type { Stage } from './stage.ts';

/** What only a simulator can be asked for. */
export function faultStories(on: () => Stage): void {
  test('Gerrit refuses a report some times: it is posted in the end, once, and the notice goes away', async () => {
    const { push, says, status, world } = on();
    await allReported(world);
    await setFaults(on(), { refuseReviews: { count: 2, status: 503 } });
    const pushed = await push({});

    await until(status, ({ notices }) => notices.some(({ code }) => code === 'gerrit-busy'));
    await says(pushed, { comments: [1], verified: 1 });

    const report = await reportOn(world, pushed, ({ state }) => state === 'posted');
    expect(report).toMatchObject({ outcome: 'voted', attempts: 3 });
    await until(status, ({ notices }) => notices.every(({ code }) => code !== 'gerrit-busy'));
  });

  test('Gerrit takes a report and its answer is lost: it is not posted again', async () => {
    const { push, says, world } = on();
    await allReported(world);
    await setFaults(on(), { loseReviewReplies: { count: 1 } });
    const pushed = await push({});

    const report = await reportOn(world, pushed, ({ state }) => state === 'posted');

    expect(report).toMatchObject({ outcome: 'commented', attempts: 2 });
    await says(pushed, { comments: [1], verified: 1 });
  });

  test('Gerrit does not tell the files of a patchset: its decision waits, and says why', async () => {
    const { push, says, status } = on();
    await setFaults(on(), { refuseFiles: { count: 2, status: 503 } });
    const pushed = await push({});

    await until(status, ({ events }) =>
      events.some(
        ({ decision, reason, patchset }) =>
          patchset.endsWith(` ${pushed.change},1`) && decision === 'waiting' && reason.startsWith('Waits until Gerrit'),
      ),
    );

    await says(pushed, { comments: [1], verified: 1 });
  });

  test.each(['channel', 'connection'])(
    'Gerrit closes the event stream (%s): nothing is missed',
    async (closeStreams) => {
      const { push, says } = on();

      await setFaults(on(), { closeStreams });
      const pushed = await push({});

      await says(pushed, { comments: [1], verified: 1 });
    },
  );
}

async function setFaults({ gerrit }: Stage, faults: object): Promise<void> {
  const answer = await fetch(`${gerrit.url}/simulator/faults`, { method: 'POST', body: JSON.stringify(faults) });
  if (!answer.ok) throw new Error(await answer.text());
}
