import { sleep } from '../src/shared/clock.ts';
import { until } from '../test/story/world/look.ts';
import type { Benchmark, Figure } from './benchmark.ts';
import { countOf, startBenchWorld } from './bench-world.ts';
import type { BenchWorld } from './bench-world.ts';
import { startReplayingGerrit } from './replaying-gerrit.ts';
import type { ReplayingGerrit } from './replaying-gerrit.ts';

const events = 10_000;
const heard = `events`;
const decided = `events where decision is not null`;

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
  const started = performance.now();
  const sent = gerrit.replay(events).then(() => performance.now());
  const journaled = await reached(bench, heard);
  const done = await reached(bench, decided);
  return [
    { what: `${events} events sent`, value: ((await sent) - started) / 1000, unit: 's' },
    { what: `${events} events journaled`, value: (journaled - started) / 1000, unit: 's', aim: 5 },
    { what: `${events} events decided`, value: (done - started) / 1000, unit: 's' },
    { what: 'journal rate', value: (events / (journaled - started)) * 1000, unit: '/s' },
  ];
}

async function reached({ database }: BenchWorld, from: string): Promise<number> {
  while ((await countOf(database, from)) < events) await sleep(20);
  return performance.now();
}
