import type { Benchmark, Figure } from './benchmark.ts';
import { startBenchWorld } from './bench-world.ts';
import type { BenchWorld } from './bench-world.ts';
import { median, quantile } from './measure.ts';
import { costOfParts } from './parts.ts';

const serialChanges = 40;
const atOnce = 24;
const warmUp = 5;
/** Real test servers take minutes to boot: a replacement must not boot while the change is measured. */
const bootDelay = 1500;

/** An empty job on a test server that is ready: what sidegate itself adds to a build. */
export const eventToVote: Benchmark = {
  name: 'event-to-vote',
  run: async () => [...(await withWorld(8, serial)), ...(await withWorld(atOnce, burst))],
};

async function withWorld(ready: number, measure: (bench: BenchWorld) => Promise<readonly Figure[]>) {
  const bench = await startBenchWorld({ script: 'true', ready, max: 60, bootDelay });
  try {
    return await measure(bench);
  } finally {
    await bench.stop();
  }
}

async function serial(bench: BenchWorld): Promise<readonly Figure[]> {
  const times: { fromEvent: number; fromRequest: number; change: number; heardAt: number }[] = [];
  for (let n = 0; n < warmUp + serialChanges; n += 1) {
    await bench.serversReady(8);
    await bench.quiet();
    const requested = performance.now();
    const { number: change } = await bench.createChange(`Serial ${n}`);
    const event = await bench.listener.patchset(change);
    const vote = await bench.listener.vote(change);
    times.push({
      fromEvent: vote - event,
      fromRequest: vote - requested,
      change,
      heardAt: Date.now() - (performance.now() - event),
    });
  }
  const counted = times.slice(warmUp);
  const fromEvent = counted.map((time) => time.fromEvent);
  return [
    { what: `one at a time (${serialChanges}), event to vote, p50`, value: median(fromEvent), unit: 'ms', aim: 100 },
    { what: 'p99', value: quantile(fromEvent, 0.99), unit: 'ms' },
    {
      what: 'with Gerrit’s own work on the new change, p50',
      value: median(counted.map((time) => time.fromRequest)),
      unit: 'ms',
    },
    ...(await costOfParts(bench.database, counted)),
  ];
}

async function burst(bench: BenchWorld): Promise<readonly Figure[]> {
  await bench.serversReady(atOnce);
  const changes = await Promise.all(Array.from({ length: atOnce }, (_, n) => bench.createChange(`Burst ${n}`)));
  const rounds: number[] = [];
  for (let round = 1; round <= 4; round += 1) {
    const votes = changes.map(({ number }) => bench.listener.vote(number, round));
    if (round === 1) {
      await Promise.all(votes);
      continue;
    }
    await bench.serversReady(atOnce);
    await bench.quiet();
    const started = performance.now();
    await Promise.all(changes.map((change) => bench.recheck(change)));
    rounds.push(Math.max(...(await Promise.all(votes))) - started);
  }
  return [
    {
      what: `${atOnce} rechecked at once, until all have voted (median of 3)`,
      value: median(rounds) / 1000,
      unit: 's',
      aim: 2,
    },
  ];
}
