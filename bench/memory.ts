import { sleep } from '../src/shared/clock.ts';
import { countOf, startBenchWorld } from './bench-world.ts';
import type { BenchWorld } from './bench-world.ts';
import type { Benchmark, Figure } from './benchmark.ts';
import { until } from '../test/story/world/look.ts';

const running = 50;
const longRun = 400;
const atOnce = 20;
/** Lets garbage collection and idle connections come to rest. */
const settle = 5000;

/** PSS of sidegate and of its PostgreSQL, all processes: idle, with many builds running, and over a long run. */
export const memory: Benchmark = {
  name: 'memory',
  run: async () => [...(await whileRunning()), ...(await overALongRun())],
};

async function whileRunning(): Promise<readonly Figure[]> {
  const script = 'for n in $(seq 60); do echo "line $n of the console"; sleep 1; done';
  const bench = await startBenchWorld({ script, ready: running, max: 60, bootDelay: 50 });
  try {
    await bench.serversReady(running);
    await sleep(settle);
    const idle = await bench.memory();
    for (let n = 0; n < running; n += 1) await bench.createChange(`Memory ${n}`);
    await until(
      () => countOf(bench.database, `builds where phase is not null`),
      (count) => count === running,
    );
    await sleep(settle);
    const busy = await bench.memory();
    return [
      { what: `sidegate, idle with ${running} test servers ready`, value: idle.sidegate, unit: 'MB' },
      { what: `PostgreSQL, idle`, value: idle.postgres, unit: 'MB' },
      { what: `sidegate, ${running} builds running`, value: busy.sidegate, unit: 'MB', aim: 200 },
      { what: `PostgreSQL, ${running} builds running`, value: busy.postgres, unit: 'MB', aim: 150 },
    ];
  } finally {
    await bench.stop();
  }
}

async function overALongRun(): Promise<readonly Figure[]> {
  const bench = await startBenchWorld({ script: 'echo a line', ready: atOnce, max: 50, bootDelay: 50 });
  try {
    const figures: Figure[] = [];
    for (let done = 0; done < longRun; done += 100) {
      await runBuilds(bench, 100);
      await sleep(settle);
      const { sidegate, postgres } = await bench.memory();
      figures.push({ what: `sidegate after ${done + 100} builds`, value: sidegate, unit: 'MB' });
      figures.push({ what: `PostgreSQL after ${done + 100} builds`, value: postgres, unit: 'MB' });
    }
    return figures;
  } finally {
    await bench.stop();
  }
}

async function runBuilds(bench: BenchWorld, count: number): Promise<void> {
  const worker = async () => {
    for (let n = 0; n < count / atOnce; n += 1) {
      const { number } = await bench.createChange('A long run');
      await bench.listener.vote(number);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  await bench.quiet();
}
