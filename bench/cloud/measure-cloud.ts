import { sleep } from '../../src/shared/clock.ts';
import { startBenchWorld } from '../bench-world.ts';
import type { BenchWorld, Configuration, Shares } from '../bench-world.ts';
import { median } from '../measure.ts';
import { takeRequests } from './requests.ts';
import type { Requests } from './requests.ts';

/** API requests per second that sidegate may send. */
export const requestRate = 100;
/** Builds of each of the two ways to push them. */
const builds = 100;

/** What a cloud with so many ready servers costs. */
export interface CloudCost {
  readonly servers: number;
  /** Processor seconds from the start until all were ready, and how long it took. */
  readonly boot: Shares & { readonly seconds: number; readonly requests: Requests };
  /** MB, PSS. */
  readonly memory: Shares;
  /** Processor seconds and API requests of one minute in which nothing happens. */
  readonly idle: Shares & { readonly requests: Requests };
  readonly pages: readonly { readonly path: string; readonly milliseconds: number; readonly bytes: number }[];
  /** Milliseconds from queued to admitted. */
  readonly admission: { readonly single: readonly number[]; readonly burst: readonly number[] };
  /** Of both ways together, with a fresh server for each build and the deletion of the used one. */
  readonly builds: Requests & { readonly perBuild: number };
}

/** A label keeps at most 100 servers ready. */
const perLabel = 100;
/** Milliseconds a test server takes to boot. */
const bootDelay = 2000;
const patience = 30 * 60_000;
/** Lets garbage collection and idle connections come to rest. */
const settle = 10_000;
const idleTime = 60_000;
const pageViews = 9;

export async function measureCloud(servers: number): Promise<CloudCost> {
  const bench = await startBenchWorld({
    script: 'true',
    ready: Math.min(servers, perLabel),
    max: perLabel + 2 * builds,
    bootDelay,
    instances: servers + 3 * builds,
    patience,
    configuration: (base) => ({
      ...base,
      labels: labelsFor(servers, base),
      clouds: [{ name: 'ci-cloud', requests_per_second: requestRate }],
    }),
  });
  try {
    return await measureWorld(bench, servers);
  } finally {
    await bench.stop();
  }
}

async function measureWorld(bench: BenchWorld, servers: number): Promise<CloudCost> {
  const boot = await untilReady(bench, servers);
  await sleep(settle);
  await takeRequests(bench.world);
  const idle = await inOneMinute(bench);
  const memory = await bench.memory();
  const pages = [await viewPage(bench, '/'), await viewPage(bench, '/api/status')];
  const started = performance.now();
  await takeRequests(bench.world);
  const admission = { single: await oneByOne(bench), burst: await allAtOnce(bench) };
  await bench.serversReady(servers);
  await bench.quiet();
  const requests = await takeRequests(bench.world);
  const background = (idle.requests.total * (performance.now() - started)) / idleTime;
  return {
    servers,
    boot,
    memory,
    idle,
    pages,
    admission,
    builds: { ...requests, perBuild: (requests.total - background) / (2 * builds) },
  };
}

/** Labels alike, as many as are needed. The jobs use the first one. */
function labelsFor(servers: number, { labels }: Configuration): readonly object[] {
  return Array.from({ length: Math.ceil(servers / perLabel) }, (_, n) => ({
    ...labels[0],
    ...(n === 0 ? {} : { name: `small-${n}` }),
    boot_timeout: '20m',
    ssh_timeout: '10m',
  }));
}

async function untilReady(bench: BenchWorld, servers: number): Promise<CloudCost['boot']> {
  const started = performance.now();
  const before = await bench.cpu();
  await bench.serversReady(servers);
  const after = await bench.cpu();
  const seconds = (performance.now() - started) / 1000;
  return { ...difference(after, before), seconds, requests: await takeRequests(bench.world) };
}

async function inOneMinute(bench: BenchWorld): Promise<CloudCost['idle']> {
  const before = await bench.cpu();
  await sleep(idleTime);
  return { ...difference(await bench.cpu(), before), requests: await takeRequests(bench.world) };
}

function difference(after: Shares, before: Shares): Shares {
  return { sidegate: after.sidegate - before.sidegate, postgres: after.postgres - before.postgres };
}

async function viewPage(bench: BenchWorld, path: string): Promise<CloudCost['pages'][number]> {
  const times: number[] = [];
  let bytes = 0;
  for (let n = 0; n < pageViews; n += 1) {
    const started = performance.now();
    const response = await fetch(new URL(path, bench.sidegate.ready.url));
    bytes = (await response.arrayBuffer()).byteLength;
    times.push(performance.now() - started);
    if (!response.ok) throw new Error(`${path} answers ${response.status}`);
  }
  return { path, milliseconds: median(times), bytes };
}

async function oneByOne(bench: BenchWorld): Promise<readonly number[]> {
  const changes: number[] = [];
  for (let n = 0; n < builds; n += 1) {
    const { number } = await bench.createChange(`One by one ${n}`);
    await bench.listener.vote(number);
    changes.push(number);
  }
  return admissionTimes(bench, changes);
}

async function allAtOnce(bench: BenchWorld): Promise<readonly number[]> {
  await bench.quiet();
  const changes = await Promise.all(Array.from({ length: builds }, (_, n) => bench.createChange(`At once ${n}`)));
  const numbers = changes.map(({ number }) => number);
  await Promise.all(numbers.map((number) => bench.listener.vote(number)));
  return admissionTimes(bench, numbers);
}

async function admissionTimes({ database }: BenchWorld, changes: readonly number[]): Promise<readonly number[]> {
  const { rows } = await database.query<{ waited: number }>(
    `select (extract(epoch from b.started_at - b.queued_at) * 1000)::float8 as waited
     from builds b join buildsets s on s.id = b.buildset where s.change_number = any($1) and b.attempt = 1`,
    [changes],
  );
  if (rows.length !== changes.length) throw new Error(`${changes.length} changes have ${rows.length} builds`);
  return rows.map(({ waited }) => waited);
}
