import type { Benchmark } from './benchmark.ts';
import { startBenchWorld } from './bench-world.ts';

const changes = 200;
const concurrent = 50;

/** Everything a build costs with its neighbours on the same machine: a fresh test server is booted and deleted for each change. */
export const throughput: Benchmark = {
  name: 'throughput',
  run: async () => {
    const bench = await startBenchWorld({ script: 'true', ready: concurrent, max: 60, bootDelay: 50 });
    try {
      await bench.serversReady(concurrent);
      const started = performance.now();
      const votes: Promise<number>[] = [];
      for (let n = 0; n < changes; n += 1) {
        const { number } = await bench.createChange(`Throughput ${n}`);
        votes.push(bench.listener.vote(number));
      }
      const created = performance.now();
      const last = Math.max(...(await Promise.all(votes)));
      return [
        {
          what: `changes pushed and voted on (${changes}, ${concurrent} servers ready)`,
          value: (changes / (last - started)) * 1000,
          unit: '/s',
        },
        { what: 'of that, the simulated Gerrit making the changes', value: (created - started) / 1000, unit: 's' },
        { what: 'until the last vote', value: (last - started) / 1000, unit: 's' },
      ];
    } finally {
      await bench.stop();
    }
  },
};
