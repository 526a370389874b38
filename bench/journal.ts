import { sleep } from '../src/shared/clock.ts';
import { until } from '../test/story/world/look.ts';
import type { Benchmark, Figure } from './benchmark.ts';
import { countOf, startBenchWorld } from './bench-world.ts';
import type { BenchWorld } from './bench-world.ts';
import { startReplayingGerrit } from './replaying-gerrit.ts';
import type { ReplayingGerrit } from './replaying-gerrit.ts';

const events = 10_000;
const floods = 6;

/** How fast a flood of events is written down, and how fast it is decided on. */
export const journal: Benchmark = {
  name: 'journal',
  run: async () => {
    const gerrit = await startReplayingGerrit();
    const bench = await startBenchWorld({
      script: 'true',
      ready: 0,
      max: 1,
      bootDelay: 50,
      // Of other projects, as nearly all events of a large Gerrit are: what is measured is the journal, not the building.
      configuration: ({ gerrit: [connection], projects: [project] }) => ({
        gerrit: [
          { ...connection, host: '127.0.0.1', ssh_port: gerrit.sshPort, host_key: gerrit.hostKey, url: gerrit.url },
        ],
        projects: [{ ...project, project: 'openstack/another-project' }],
      }),
    });
    try {
      return await measure(bench, gerrit);
    } finally {
      await bench.stop();
      gerrit.close();
    }
  },
};

async function measure(bench: BenchWorld, gerrit: ReplayingGerrit): Promise<readonly Figure[]> {
  const { database } = bench;
  await until(
    () => countOf(database, `connections where state = 'connected'`),
    (connected) => connected === 1,
  );
  await sleep(1000);
  const figures: Figure[] = [];
  for (let flood = 0; flood < floods; flood += 1) figures.push(...(await measureFlood(bench, gerrit, flood)));
  return figures;
}

async function measureFlood(bench: BenchWorld, gerrit: ReplayingGerrit, flood: number): Promise<readonly Figure[]> {
  const before = flood * events;
  // Only rows of this flood are counted: all of them would take longer each time.
  const { rows } = await bench.database.query<{ last: string }>(`select coalesce(max(id), 0) as last from events`);
  const last = rows[0]!.last;
  const started = performance.now();
  const sent = gerrit.replay(events, before).then(() => performance.now());
  const journaled = await reached(bench, `id > ${last}`);
  const done = await reached(bench, `id > ${last} and decision is not null`);
  const { sidegate } = await bench.memory();
  const name = `flood ${flood + 1} of ${events} events`;
  return [
    { what: `${name}, sent`, value: ((await sent) - started) / 1000, unit: 's' },
    { what: `${name}, journaled`, value: (events / (journaled - started)) * 1000, unit: '/s', aim: 2000 },
    { what: `${name}, journaled and decided`, value: (events / (done - started)) * 1000, unit: '/s', aim: 2000 },
    { what: `${name}, sidegate PSS afterwards`, value: sidegate, unit: 'MB' },
  ];
}

async function reached({ database }: BenchWorld, where: string): Promise<number> {
  while ((await countOf(database, `events where ${where}`)) < events) await sleep(20);
  return performance.now();
}
