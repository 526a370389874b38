import { setTimeout as wait } from 'node:timers/promises';
import { commentAs } from '../lab/gerrit/review-as.ts';
import { startCountingProxy } from '../test/story/world/counting-proxy.ts';
import type { CountingProxy } from '../test/story/world/counting-proxy.ts';
import type { Benchmark, Figure } from './benchmark.ts';
import { countOf, startBenchWorld } from './bench-world.ts';
import type { BenchWorld } from './bench-world.ts';

const changes = 1000;
/** Every so many changes has a recheck that REST tells apart from its message. */
const commentedEvery = 20;
const atOnce = 8;

/** What a gap of a thousand changes costs: sidegate is away while they come, and reads them when it is back. */
export const backfill: Benchmark = {
  name: 'backfill',
  run: async () => {
    let proxy: CountingProxy | undefined;
    const bench = await startBenchWorld({
      script: 'true',
      ready: 0,
      max: 1,
      bootDelay: 50,
      patience: 600_000,
      // Heard and decided, not built.
      configuration: (base) => ({ ...base, clouds: [{ name: 'ci-cloud', max_servers: 0 }] }),
      through: async (url) => {
        proxy = await startCountingProxy(url);
        return proxy.url;
      },
    });
    try {
      return await measure(bench, proxy!);
    } finally {
      await bench.stop();
      await proxy?.close();
    }
  },
};

async function measure(bench: BenchWorld, proxy: CountingProxy): Promise<readonly Figure[]> {
  const { database, world } = bench;
  await reached(bench, `connections where state = 'connected'`, 1);
  await bench.stopSidegate();
  await createChanges(bench);
  proxy.requests.length = 0;

  await bench.startSidegate();
  await reached(bench, `connections where state = 'connected'`, 1);
  const started = performance.now();
  const journaled = await reached(bench, 'events', changes + changes / commentedEvery);
  const done = await reached(bench, 'events where decision is not null', changes + changes / commentedEvery);
  const first = requestsOf(proxy);
  proxy.requests.length = 0;
  // The second look comes after ten seconds and finds nothing new.
  while (requestsOf(proxy).lists === 0) await wait(100);
  await wait(3000);
  const second = requestsOf(proxy);
  const twice = await countOf(
    database,
    `(select from buildsets group by change_number, patchset having count(*) > 1) as twice`,
  );
  if (twice > 0) throw new Error(`${twice} changes of ${world.gerrit.url} were started twice`);
  return [
    { what: `${changes} changes journaled`, value: (journaled - started) / 1000, unit: 's' },
    { what: `${changes} changes decided`, value: (done - started) / 1000, unit: 's' },
    { what: `lists of changes read, for each 500`, value: first.lists / (changes / 500), unit: '', aim: 10 },
    { what: `comments read, of ${changes / commentedEvery} changes that have any`, value: first.others, unit: '' },
    { what: `lists read by the second look, for each 500`, value: second.lists / (changes / 500), unit: '', aim: 10 },
    { what: `comments read by the second look`, value: second.others, unit: '' },
  ];
}

function requestsOf({ requests }: CountingProxy): { readonly lists: number; readonly others: number } {
  const lists = requests.filter((request) => request.includes('/changes/?q=')).length;
  return { lists, others: requests.length - lists };
}

async function createChanges(bench: BenchWorld): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < changes) {
      const index = next++;
      const { number, revision } = await bench.createChange(`Change ${index}`);
      if (index % commentedEvery > 0) continue;
      const pushed = { project: 'openstack/nova', change: number, patchset: 1, revision, ref: '', changeId: '' };
      await commentAs(bench.world.gerrit, 'dev', pushed, { comments: { '/PATCHSET_LEVEL': [{ message: 'recheck' }] } });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

async function reached({ database }: BenchWorld, from: string, count: number): Promise<number> {
  while ((await countOf(database, from)) < count) await wait(20);
  return performance.now();
}
