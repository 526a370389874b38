import type { Benchmark, Figure } from './benchmark.ts';
import { measureCloud, requestRate } from './cloud/measure-cloud.ts';
import type { CloudCost } from './cloud/measure-cloud.ts';
import { quantile } from './measure.ts';

const small = 200;
const large = 2000;
/** What a server may cost in the large cloud, against the small one (%). */
const flat = 125;

/** A stall of the simulator moves requests of up to a second into the ten (%). */
const stalled = 110;

/** What sidegate costs beside a small and a large cloud whose servers all wait for work. */
export const cloudSize: Benchmark = {
  name: 'cloud-size',
  run: async () => {
    const few = await measureCloud(small);
    const many = await measureCloud(large);
    return [...figuresOf(few), ...figuresOf(many), ...growth(few, many)];
  },
};

function figuresOf(cost: CloudCost): readonly Figure[] {
  const figures = [...bootFigures(cost), ...idleFigures(cost), ...buildFigures(cost)];
  return figures.map((figure) => ({ ...figure, what: `${cost.servers} servers: ${figure.what}` }));
}

function bootFigures(cost: CloudCost): readonly Figure[] {
  const { servers, boot } = cost;
  return [
    { what: 'until all are ready', value: boot.seconds, unit: 's' },
    { what: 'sidegate, processor time for each booted server', value: bootTime(cost, 'sidegate'), unit: 'ms' },
    { what: 'PostgreSQL, the same', value: bootTime(cost, 'postgres'), unit: 'ms' },
    { what: 'API requests for each booted server', value: boot.requests.total / servers, unit: '' },
  ];
}

function idleFigures({ memory, idle, pages }: CloudCost): readonly Figure[] {
  return [
    { what: 'sidegate, memory', value: memory.sidegate, unit: 'MB' },
    { what: 'PostgreSQL, memory', value: memory.postgres, unit: 'MB' },
    { what: 'sidegate, processor time of a minute in which nothing happens', value: idle.sidegate, unit: 's' },
    { what: 'PostgreSQL, the same', value: idle.postgres, unit: 's' },
    { what: 'API requests in this minute', value: idle.requests.total, unit: '' },
    ...pages.flatMap(({ path, milliseconds, bytes }): readonly Figure[] => [
      { what: `GET ${path}, p50`, value: milliseconds, unit: 'ms' },
      { what: `GET ${path}, size`, value: bytes / 1000, unit: 'kB' },
    ]),
  ];
}

function buildFigures({ admission: { single, burst }, boot, builds }: CloudCost): readonly Figure[] {
  return [
    { what: `queued to admitted, ${single.length} builds one by one, p50`, value: quantile(single, 0.5), unit: 'ms' },
    { what: 'the same, p99', value: quantile(single, 0.99), unit: 'ms', aim: 50 },
    { what: `queued to admitted, ${burst.length} builds at once, p50`, value: quantile(burst, 0.5), unit: 'ms' },
    { what: 'the same, p99', value: quantile(burst, 0.99), unit: 'ms' },
    { what: 'API requests for each build, its server booted and deleted', value: builds.perBuild, unit: '' },
    {
      what: 'most API requests per second over any ten seconds, as they arrive',
      value: Math.max(boot.requests.busiestRate, builds.busiestRate),
      unit: '',
      aim: (requestRate * stalled) / 100,
    },
    {
      what: 'most API requests in any second, as they arrive at a simulator that stalls',
      value: Math.max(boot.requests.busiestSecond, builds.busiestSecond),
      unit: '',
    },
  ];
}

/** Milliseconds, without what the servers that were ready cost meanwhile by waiting: on average half of them did. */
function bootTime({ servers, boot, idle }: CloudCost, share: 'sidegate' | 'postgres'): number {
  const waiting = (idle[share] / 2) * (boot.seconds / 60);
  return ((boot[share] - waiting) / servers) * 1000;
}

/** What a server costs in the large cloud against the small one. */
function growth(few: CloudCost, many: CloudCost): readonly Figure[] {
  const time = (cost: CloudCost) => bootTime(cost, 'sidegate') + bootTime(cost, 'postgres');
  const requests = ({ servers, boot }: CloudCost) => boot.requests.total / servers;
  const memory = ({ memory: { sidegate, postgres } }: CloudCost) => sidegate + postgres;
  const more = many.servers - few.servers;
  return [
    {
      what: `processor time for each booted server, ${many.servers} against ${few.servers}`,
      value: (100 * time(many)) / time(few),
      unit: '%',
      aim: flat,
    },
    {
      what: 'API requests for each booted server, likewise',
      value: (100 * requests(many)) / requests(few),
      unit: '%',
      aim: flat,
    },
    { what: 'memory for each further ready server', value: ((memory(many) - memory(few)) / more) * 1000, unit: 'kB' },
    {
      what: 'processor time in an idle minute for each further ready server',
      value: ((many.idle.sidegate + many.idle.postgres - few.idle.sidegate - few.idle.postgres) / more) * 1000,
      unit: 'ms',
    },
  ];
}
