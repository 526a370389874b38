import { afterEach, beforeEach, expect, test } from 'vitest';
import { serve } from '../../test/web/serve.ts';
import type { Served } from '../../test/web/serve.ts';
import { createPlainStatus, plainBuild, plainOverview } from '../../test/web/status-fixture.ts';
import type { PlainStatus } from '../../test/web/status-fixture.ts';
import { sleep } from '../shared/clock.ts';
import { createSearchDesk } from './search-desk.ts';
import type { SearchLimits } from './search-desk.ts';
import { parseSearch } from './search-query.ts';

const limits: SearchLimits = { running: 1, waiting: 2, time: 60_000, patience: 60_000, work: 5, rest: 1 };

let status: PlainStatus;
let served: Served;
beforeEach(async () => {
  status = createPlainStatus(plainOverview({}), []);
  served = await serve(status);
});
afterEach(() => served.stop());

async function addBuilds(count: number, megabytes: number): Promise<void> {
  const log = Buffer.alloc(megabytes * 1_000_000, 'nothing in here\n');
  for (let number = 1; number <= count; number += 1) {
    const queuedAt = new Date(Date.UTC(2026, 10, 27) - number * 60_000).toISOString();
    const build = plainBuild({
      id: `${String(number).padStart(8, '0')}-1`,
      state: 'done',
      result: 'FAILURE',
      queuedAt,
    });
    status.details.set(build.id, build);
    await served.archive.write(`${build.logPath}log.txt`, log);
  }
}

function query(text: string, fields: Readonly<Record<string, string>> = {}) {
  const parsed = parseSearch({ text, ...fields });
  if (parsed.query === undefined) throw new Error(parsed.problem);
  return parsed.query;
}

const open = (own: Partial<SearchLimits> = {}) =>
  createSearchDesk({ status, archive: served.archive }, { ...limits, ...own });

test('one search runs, the next ones wait, further ones are refused, and all that wait have their turn', async () => {
  await addBuilds(3, 4);
  const desk = open();
  const [first, second, third] = ['a1', 'b2', 'c3'].map((text) => desk.ask(query(text)));

  expect([first, second, third].map((one) => one?.progress().state)).toEqual(['running', 'waiting', 'waiting']);
  expect(desk.ask(query('d4'))).toBeUndefined();
  await third?.over;
  expect([first, second, third].map((one) => one?.progress().state)).toEqual(['done', 'done', 'done']);
  expect(desk.ask(query('d4'))).toBeDefined();
});

test('who asks for the same has the same search', async () => {
  await addBuilds(1, 1);
  const desk = open();
  const first = desk.ask(query('a1'));

  expect(desk.ask(query('a1'))).toBe(first);
  await first?.over;
  expect(desk.ask(query('a1'))).toBe(first);
  expect(first?.progress()).toMatchObject({ builds: 1, looked: { failed: 1 }, bytes: 1_000_000 });
});

test('one that takes too long stops, and says from where to go on', async () => {
  await addBuilds(40, 2);
  const search = open({ time: 60, rest: 5 }).ask(query('a1'));
  await search?.over;
  const { builds, looked, rest, state } = search!.progress();

  expect([state, builds]).toEqual(['stopped', 40]);
  expect(looked.failed).toBeLessThan(40);
  const behind = [...status.details.values()].find((build) =>
    build.id.startsWith(String(looked.failed).padStart(8, '0')),
  );
  expect(rest).toBe(behind?.queuedAt);
});

test('one that nobody asks for any more ends', async () => {
  await addBuilds(40, 2);
  const desk = open({ patience: 50, rest: 5 });
  const search = desk.ask(query('a1'));
  await search?.over;

  expect(search?.progress().state).toBe('stopped');
  await sleep(60);
  expect(desk.ask(query('a1'))).not.toBe(search);
});

test('one that breaks ends with that, and the next one runs', async () => {
  await addBuilds(1, 1);
  const builds = status.builds.bind(status);
  status.builds = async () => {
    throw new Error('the database is away');
  };
  const desk = open();
  const broken = desk.ask(query('a1'));
  await broken?.over;
  status.builds = builds;
  const next = desk.ask(query('b2'));
  await next?.over;

  expect([broken, next].map((one) => one?.progress().state)).toEqual(['error', 'done']);
});

test('builds that were queued in the same moment stay on one page', async () => {
  await addBuilds(4, 1);
  for (const [id, build] of status.details)
    status.details.set(id, { ...build, queuedAt: build.queuedAt.replace(/:5[78]:/, ':59:') });
  const search = open().ask(query('a1', { builds: '1' }));
  await search?.over;

  expect(search?.progress()).toMatchObject({ builds: 3, rest: '2026-11-26T23:59:00.000Z' });
});
