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
const patience = 150_000;
const broken: Story = { tests: { 'story.create': 'pass', 'story.delete': 'fail' } };

/** Gerrit dies without a word and comes back. */
export function crashStories(on: () => Stage): void {
  test(
    'Gerrit is killed and started again while changes, rechecks and a report are on their way: none is missed, none comes twice',
    { timeout },
    async () => {
      const stage = on();
      const { gerrit, push, says, world } = stage;
      const known = [await push({}), await push({}), await push({})] as const;
      await Promise.all(known.map((pushed) => says(pushed, { comments: [1], verified: 1 })));
      const reported = await pushWithoutReport(stage);
      const before = await patchsetsIn(stage);
      const storm = new Storm(stage);

      await commentAs(gerrit, 'dev', known[0], { message: 'recheck' });
      await Promise.all([letReportsGo(world), storm.add(4, 1)]);
      // Gerrit has this one or not.
      const torn = commentAs(gerrit, 'dev', known[1], { message: 'recheck' }).catch(() => undefined);
      await reportOn(world, reported, ({ attempts }) => attempts > 0);
      await gerrit.kill();
      const late = storm.add(2, 2);
      await torn;
      await gerrit.restart();
      await commentAs(gerrit, 'dev', known[2], { message: 'recheck' });
      await Promise.all([late, storm.add(1, 1)]);
      await storm.done();

      await says(reported, { comments: [1], verified: 1 });
      for (const pushed of known) await says(pushed, { comments: await oncePerRun(stage, pushed), verified: 1 });
      const came = [...(await patchsetsIn(stage))].filter(([change]) => !before.has(change));
      expect(came.length).toBeGreaterThanOrEqual(storm.size);
      await Promise.all(came.map(([change, patchsets]) => answered(stage, { change, patchsets }, storm)));
    },
  );
}

/** A change whose report waits for `letReportsGo`. */
async function pushWithoutReport({ push, world }: Stage): Promise<PushedPatchset> {
  await holdReports(world);
  const pushed = await push({});
  await reportOn(world, pushed, ({ state }) => state === 'intended');
  return pushed;
}

/** Changes that are pushed whatever happens to Gerrit: a push that fails is tried again. */
class Storm {
  readonly #stage: Stage;
  readonly #verdicts = new Map<string, 1 | -1>();
  readonly #running: Promise<PushedPatchset>[] = [];
  /** Changes whose push Gerrit has acknowledged. */
  readonly acknowledged = new Set<number>();

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
    for (const { change } of await Promise.all(this.#running)) this.acknowledged.add(change);
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
      patience,
    );
  }
}

/** Change numbers and their patchsets. Git is asked: after a crash Gerrit's search does not know all it has. */
async function patchsetsIn({ gerrit }: Stage): Promise<Map<number, number[]>> {
  const listing = await runCommand('git', ['ls-remote', `${gerrit.url}/${project}`, 'refs/changes/*']);
  const found = new Map<number, number[]>();
  for (const [, change, patchset] of listing.matchAll(/\srefs\/changes\/\d\d\/(\d+)\/(\d+)$/gm)) {
    found.set(
      Number(change),
      [...(found.get(Number(change)) ?? []), Number(patchset)].sort((a, b) => a - b),
    );
  }
  return found;
}

/** One comment on the newest patchset, at most one on an older one (a torn push may have left it), and the right vote. */
async function answered(
  stage: Stage,
  { change, patchsets }: { readonly change: number; readonly patchsets: readonly number[] },
  storm: Storm,
): Promise<void> {
  if (await isOrphan(stage, change, storm)) return;
  const newest = patchsets.at(-1)!;
  const pushed = {
    project,
    change,
    patchset: newest,
    revision: '',
    ref: '',
    changeId: await changeIdOf(stage, change),
  };
  const view = await until(
    () => lookAt(stage.world, pushed),
    ({ comments }) => comments.some(({ patchset }) => patchset === newest),
    patience,
  );
  const comments = view.comments.map(({ patchset }) => patchset);
  expect(comments, `change ${change}`).toEqual([...new Set(comments)]);
  await stage.says(pushed, { comments, verified: storm.verdictOn(pushed.changeId) });
}

/**
 * Gerrit died after it had stored the change and before it told anybody: the push failed and was done again as another change, no event
 * was sent, and the search, the only way to look for changes, does not know it. Only a real Gerrit does this.
 */
async function isOrphan({ gerrit }: Stage, change: number, storm: Storm): Promise<boolean> {
  if (storm.acknowledged.has(change)) return false;
  const found = await read<readonly object[]>(`${gerrit.url}/changes/?q=change:${change}`);
  return found.length === 0;
}

async function changeIdOf({ gerrit }: Stage, change: number): Promise<string> {
  const path = `/changes/${encodeURIComponent(project)}~${change}`;
  return (await read<{ readonly change_id: string }>(gerrit.url + path)).change_id;
}

async function read<T>(url: string): Promise<T> {
  return JSON.parse((await (await fetch(url)).text()).replace(/^\)\]\}'/, '')) as T;
}

/** The first run and one for each recheck that Gerrit has. */
async function oncePerRun({ world }: Stage, pushed: PushedPatchset): Promise<Said['comments']> {
  const { comments } = await lookAt(world, pushed, 'dev');
  const rechecks = comments.filter(({ message }) => message.endsWith('recheck'));
  return [1, ...rechecks.map(() => 1)];
}
