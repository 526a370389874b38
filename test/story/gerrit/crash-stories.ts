import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { PushedPatchset } from '../../../lab/gerrit/push-change.ts';
import { commentAs } from '../../../lab/gerrit/review-as.ts';
import { runCommand } from '../../../lab/gerrit/run-command.ts';
import { lookAt, until } from '../world/look.ts';
import type { Story } from '../world/world.ts';
import { holdReports, letReportsGo, reportOn } from './hold-reports.ts';
import { project } from './stage.ts';
import type { Said, Stage } from './stage.ts';

const timeout = 300_000;
const broken: Story = { tests: { 'story.create': 'pass', 'story.delete': 'fail' } };

/** Gerrit dies without a word and comes back. */
export function crashStories(on: () => Stage): void {
  test(
    'Gerrit is killed and started again while changes and rechecks come: none is missed, none is answered twice',
    { timeout },
    async () => {
      const stage = on();
      const { gerrit, push, says } = stage;
      const known = await Promise.all([push({}), push({}), push({})]);
      await Promise.all(known.map((pushed) => says(pushed, { comments: [1], verified: 1 })));
      const before = await patchsetsIn(stage);
      const pushes = new Storm(stage);

      await pushes.add(4, 1);
      const [first, second, third] = known as [PushedPatchset, PushedPatchset, PushedPatchset];
      await Promise.all([commentAs(gerrit, 'dev', first, { message: 'recheck' })]);
      // This one may or may not be stored.
      const torn = commentAs(gerrit, 'dev', second, { message: 'recheck' }).catch(() => undefined);
      await gerrit.kill();
      const late = pushes.add(2, 2);
      await torn;
      await gerrit.restart();
      await commentAs(gerrit, 'dev', third, { message: 'recheck' });
      await Promise.all([late, pushes.add(1, 1)]);
      await pushes.done();

      for (const pushed of known) await says(pushed, { comments: await oncePerRun(stage, pushed), verified: 1 });
      const came = [...(await patchsetsIn(stage))].filter(([change]) => !before.has(change));
      expect(came.length).toBeGreaterThanOrEqual(pushes.size);
      for (const [change, patchsets] of came) await answered(stage, { change, patchsets }, pushes);
    },
  );

  test('Gerrit is killed while a report is on its way: it is there once in the end', { timeout }, async () => {
    const { gerrit, push, says, world } = on();
    await holdReports(world);
    const pushed = await push({});
    await reportOn(world, pushed, ({ state }) => state === 'intended');

    await letReportsGo(world);
    await reportOn(world, pushed, ({ attempts }) => attempts > 0);
    await gerrit.kill();
    await gerrit.restart();

    await reportOn(world, pushed, ({ state }) => state === 'posted');
    await says(pushed, { comments: [1], verified: 1 });
  });
}

/** Changes that are pushed whatever happens to Gerrit: a push that fails is tried again. */
class Storm {
  readonly #stage: Stage;
  readonly #verdicts = new Map<string, 1 | -1>();
  readonly #running: Promise<PushedPatchset>[] = [];

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  get size(): number {
    return this.#verdicts.size;
  }

  /** Starts so many pushes at once, every other one of a broken change, and waits until `enough` of them are through. */
  async add(count: number, enough: number): Promise<void> {
    const started = Array.from({ length: count }, (_, index) => this.#push(index % 2 === 0));
    this.#running.push(...started);
    let left = enough;
    const { promise, resolve } = Promise.withResolvers<void>();
    for (const push of started) void push.then(() => (left -= 1) === 0 && resolve());
    await promise;
  }

  async done(): Promise<void> {
    await Promise.all(this.#running);
  }

  verdictOn(changeId: string): 1 | -1 {
    return this.#verdicts.get(changeId) ?? 1;
  }

  #push(good: boolean): Promise<PushedPatchset> {
    const changeId = `I${randomBytes(20).toString('hex')}`;
    this.#verdicts.set(changeId, good ? 1 : -1);
    return until(
      () => this.#stage.push(good ? {} : broken, { changeId }),
      () => true,
      timeout,
    );
  }
}

/** Change numbers and their patchsets. Git is asked: after a crash Gerrit's search does not know all it has. */
async function patchsetsIn({ gerrit }: Stage): Promise<Map<number, number[]>> {
  const listing = await runCommand('git', ['ls-remote', `${gerrit.url}/${project}`, 'refs/changes/*']);
  const found = new Map<number, number[]>();
  for (const [, change, patchset] of listing.matchAll(/\srefs\/changes\/\d\d\/(\d+)\/(\d+)$/gm)) {
    found.set(Number(change), [...(found.get(Number(change)) ?? []), Number(patchset)].sort((a, b) => a - b));
  }
  return found;
}

/** One comment on the newest patchset, at most one on an older one (a torn push may have left it), and the right vote. */
async function answered(
  stage: Stage,
  { change, patchsets }: { readonly change: number; readonly patchsets: readonly number[] },
  storm: Storm,
): Promise<void> {
  const newest = patchsets.at(-1)!;
  const pushed = { project, change, patchset: newest, revision: '', ref: '', changeId: await changeIdOf(stage, change) };
  const view = await until(
    () => lookAt(stage.world, pushed),
    ({ comments }) => comments.some(({ patchset }) => patchset === newest),
    timeout,
  );
  const comments = view.comments.map(({ patchset }) => patchset);
  expect(comments, `change ${change}`).toEqual([...new Set(comments)]);
  await stage.says(pushed, { comments, verified: storm.verdictOn(pushed.changeId) });
}

async function changeIdOf({ gerrit }: Stage, change: number): Promise<string> {
  const response = await fetch(`${gerrit.url}/changes/${encodeURIComponent(project)}~${change}`);
  const { change_id } = JSON.parse((await response.text()).replace(/^\)\]\}'/, '')) as { change_id: string };
  return change_id;
}

/** The first run and one for each recheck that Gerrit has. */
async function oncePerRun({ world }: Stage, pushed: PushedPatchset): Promise<Said['comments']> {
  const { comments } = await lookAt(world, pushed, 'dev');
  const rechecks = comments.filter(({ message }) => message.endsWith('recheck'));
  return [1, ...rechecks.map(() => 1)];
}
