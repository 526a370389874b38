import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configure } from '../world/faults.ts';
import { lookAt } from '../world/look.ts';
import { askSidegate, runSidegate } from '../world/run-sidegate.ts';
import { holdConfirmations, loseConfirmations, reportOn } from './hold-reports.ts';
import type { Stage } from './stage.ts';
import { StormPlace, failing } from './storm-place.ts';

const timeout = 300_000;

/** The lab is broken: a job fails alike on change after change. */
export function stormStories(on: () => Stage): void {
  describe('a job that fails alike on three changes of two people', () => {
    let place: StormPlace;
    const here = () => place;

    beforeAll(async () => {
      place = await StormPlace.open(on().gerrit);
    });
    afterAll(() => place?.close());

    stopped(here);
    resumedByPerson(here);
    resumedBySuccess(here);

    test('nothing was said twice, and the operator was told of each storm once', async () => {
      for (const { change, comments, shouldBe } of await place.saidInTheEnd())
        expect({ change, comments }).toEqual({ change, comments: shouldBe });
      await place.tellsOperator(2);
    });
  });
}

function stopped(here: () => StormPlace): void {
  test('is not reported any more, whatever dies, and the operator is told once', { timeout }, async () => {
    const place = here();
    await place.storm();

    const fourth = await place.push('admin', { ...failing, seconds: 2 });
    await place.runs(fourth);
    await place.kill();
    await place.start();
    await place.waits(fourth);
    const good = await place.says(await place.push('dev', {}), 1);

    expect(good.verified).toBe(1);
    const list = await askSidegate(place.world, 'report', 'list');
    expect(list).toMatch(/^Failures of story are not reported since .* by the storm brake; 2 wait\.$/m);
    expect(place.waiting).toHaveLength(2);
    for (const pushed of place.waiting) {
      expect(await lookAt(place.world, pushed)).toEqual({ comments: [], verified: 0 });
      expect(list).toContain(` on ${pushed.project} ${pushed.change},1 (check) `);
    }
    const { notices } = await place.status();
    expect(notices.filter(({ code }) => code === 'reports-stopped')).toMatchObject([
      { count: 1, text: expect.stringContaining('3 changes failed alike in a row') },
    ]);
    await place.tellsOperator(1);
  });
}

function resumedByPerson(here: () => StormPlace): void {
  test('a person lets reports go on: what waited is posted once, whatever dies', { timeout }, async () => {
    const place = here();
    const waiting = place.waiting.splice(0);

    // While no sidegate runs; the next one dies when Gerrit has the comments and nobody has written that down.
    await place.kill();
    await askSidegate(place.world, 'report', 'resume', 'story', '--post');
    await holdConfirmations(place.world);
    await place.start();
    for (const pushed of waiting) expect((await place.says(pushed, 1)).verified).toBe(-1);
    await place.kill();
    await loseConfirmations(place.world);
    await place.start();

    for (const pushed of waiting) {
      const report = await reportOn(place.world, pushed, ({ state }) => state === 'posted');
      expect(report).toMatchObject({ attempts: 2, outcome: 'commented' });
      expect((await lookAt(place.world, pushed)).comments).toHaveLength(1);
    }
    const twice = await runSidegate(place.world, 'report', 'resume', 'story', '--post');
    expect([twice.status, twice.errors]).toEqual([1, expect.stringContaining('are not stopped')]);
    expect((await place.status()).notices.map(({ code }) => code)).not.toContain('reports-stopped');
  });
}

function resumedBySuccess(here: () => StormPlace): void {
  test('its next success lets reports go on: what waited is tested again', { timeout }, async () => {
    const place = here();
    await place.kill();
    await configure(place.world, (story) => Object.assign(story, { storm_brake: { failures: 3, resume: 'success' } }));
    await place.start();
    const third = await place.storm();
    await place.tellsOperator(2);

    const probe = await place.push('admin', {});

    expect((await place.says(probe, 1)).verified).toBe(1);
    expect((await place.says(third, 1)).verified).toBe(-1);
    expect(await place.buildsOf(third)).toHaveLength(2);
    expect(await askSidegate(place.world, 'report', 'list')).toContain('No report waits');
  });
}
