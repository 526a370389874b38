import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from '../src/demo/child.ts';
import { sleep } from '../src/shared/clock.ts';
import type { Benchmark, Figure } from './benchmark.ts';
import { timeCall } from './guard/call.ts';
import { median, quantile } from './measure.ts';

interface Worker {
  readonly prefix: string;
  readonly url: string;
}

/** How long a call took when Feilong was asked, and when the guard was, right before or after. */
interface Pair {
  readonly direct: number;
  readonly guarded: number;
}

const workers = 20;
/** Of each worker. nova makes two calls a second; here each makes ten. */
const rounds = 200;
const pause = 200;
const warmUp = 20;

/** What the guard adds to a call, with 20 workers at once. Simulated Feilong, guards and workers are three processes. */
export const guard: Benchmark = {
  name: 'guard',
  run: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bench-guard-'));
    const logFile = join(folder, 'log');
    const program = (name: string, ...path: string[]) => ({
      name,
      command: [join(import.meta.dirname, ...path)],
      logFile,
    });
    const zvm = program('the z/VM simulator', '..', 'simulators', 'zvm', 'main.ts');
    const feilong = await startChild<{ url: string }>({ ...zvm, command: [...zvm.command, '--until-stdin-closes'] });
    const many = program('the guards', 'guard', 'guards.ts');
    const { url } = feilong.ready;
    const guards = await startChild<{ workers: readonly Worker[] }>({
      ...many,
      command: [...many.command, url, String(workers), folder],
    });
    try {
      return await measure(url, guards.ready.workers);
    } finally {
      await guards.stop();
      await feilong.stop();
      await rm(folder, { recursive: true });
    }
  },
};

async function measure(feilong: string, all: readonly Worker[]): Promise<readonly Figure[]> {
  const reads = await Promise.all(all.map((worker) => pairsOf(feilong, worker, readCall)));
  const creates = await Promise.all(all.map((worker) => pairsOf(feilong, worker, createCall)));
  return [
    ...figures('GET /guests', reads.flat(), { median: 1, p99: 5 }),
    ...figures('POST /guests (ledger on the disk before)', creates.flat()),
  ];
}

type Call = (url: string, worker: Worker, number: number) => Promise<number>;

const readCall: Call = (url) => timeCall(url, 'GET', '/guests');

const createCall: Call = (url, { prefix }, number) => {
  const userid =
    prefix +
    number
      .toString(16)
      .toUpperCase()
      .padStart(8 - prefix.length, '0');
  return timeCall(url, 'POST', '/guests', { guest: { userid, vcpus: 1, memory: 512 } });
};

async function pairsOf(feilong: string, worker: Worker, call: Call): Promise<readonly Pair[]> {
  const pairs: Pair[] = [];
  await sleep(Math.random() * pause);
  for (let round = 0; round < rounds + warmUp; round += 1) {
    const pair = { direct: 0, guarded: 0 };
    // Each is as often the first.
    for (const which of round % 2 === 0 ? (['direct', 'guarded'] as const) : (['guarded', 'direct'] as const)) {
      const number = 2 * round + (which === 'direct' ? 0 : 1);
      pair[which] = await call(which === 'direct' ? feilong : worker.url, worker, number);
    }
    if (round >= warmUp) pairs.push(pair);
    await sleep(pause * (0.5 + Math.random()));
  }
  return pairs;
}

function figures(what: string, pairs: readonly Pair[], aim: { median?: number; p99?: number } = {}): readonly Figure[] {
  const direct = pairs.map((pair) => pair.direct);
  const guarded = pairs.map((pair) => pair.guarded);
  const added = median(pairs.map((pair) => pair.guarded - pair.direct));
  const p99 = quantile(guarded, 0.99) - quantile(direct, 0.99);
  return [
    { what: `${what}, direct, p50 of ${pairs.length}`, value: median(direct), unit: 'ms' },
    { what: '… p99', value: quantile(direct, 0.99), unit: 'ms' },
    { what: `${what}, through the guard, p50`, value: median(guarded), unit: 'ms' },
    { what: '… p99', value: quantile(guarded, 0.99), unit: 'ms' },
    {
      what: '… added, median of pairs',
      value: added,
      unit: 'ms',
      ...(aim.median === undefined ? {} : { aim: aim.median }),
    },
    { what: '… added at p99', value: p99, unit: 'ms', ...(aim.p99 === undefined ? {} : { aim: aim.p99 }) },
  ];
}
