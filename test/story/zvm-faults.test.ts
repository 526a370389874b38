import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type { PushedPatchset } from '../../lab/gerrit/push-change.ts';
import { startZvmSimulators } from '../../simulators/zvm/server.ts';
import type { ZvmSimulator } from '../../simulators/zvm/server.ts';
import { commented, lookAt, until } from './world/look.ts';
import { startWorld } from './world/world.ts';
import type { Story, World } from './world/world.ts';

/** 200 take some minutes; the ordinary run takes fewer. */
const builds = Number(process.env['SIDEGATE_ZVM_BUILDS'] ?? 30);
const atOnce = 9;

/** Prefixes by system; three workers on each. */
const systems: Readonly<Record<string, readonly string[]>> = {
  SHR1: ['ZA', 'ZB', 'ZC'],
  SHR2: ['ZD', 'ZE', 'ZF'],
  SHR3: ['ZG', 'ZI', 'ZJ'],
};
const prefixes = Object.values(systems).flat();

/** Each happens to one in twenty occasions. */
const troubles: readonly object[] = [
  { kind: 'smapi-error' },
  { kind: 'locked' },
  { kind: 'slow-create', ms: 3000 },
  { kind: 'slow-deploy', ms: 500 },
  { kind: 'killed-mid-create' },
  { kind: 'deploys-full' },
  { kind: 'vanish', seconds: 1 },
  { kind: 'power-off', seconds: 1 },
  { kind: 'cut' },
  { kind: 'delay', ms: 300 },
];

/** A worker that makes guests, reaches for those of all others, and cleans nothing up. */
const greedy: Story = {
  tests: { 'story.test': 'pass' },
  calls: [
    ...['1', '2'].flatMap((number) => [
      {
        method: 'POST',
        path: '/guests',
        body: { guest: { userid: `PREFIX0000${number}`, vcpus: 1, memory: 512, disk_list: [{ size: '1g' }] } },
      },
      { method: 'POST', path: `/guests/PREFIX0000${number}/action`, body: { action: 'start' } },
    ]),
    ...prefixes.map((prefix) => ({ method: 'DELETE', path: `/guests/${prefix}100001` })),
    { method: 'DELETE', path: '/guests/PREFIX00002' },
  ],
};

interface Audit {
  readonly shared: readonly { readonly userid: string; readonly sameLife: boolean }[];
  readonly outside: readonly object[];
  readonly outsideInAll: number;
  readonly clients: readonly { readonly client: string }[];
  readonly left: { readonly guests: readonly { readonly userid: string }[] };
}

describe(`three shared z/VMs with every trouble at five per cent, and ${builds} builds`, () => {
  let world: World;
  let zvms: readonly ZvmSimulator[];

  beforeAll(async () => {
    zvms = await startZvmSimulators(Object.keys(systems), { seed: 7 });
    world = await startWorld({ instances: 30 });
    await configure(world, zvms);
    for (const zvm of zvms) await prepare(zvm);
    await world.startSidegate();
  });
  afterAll(async () => {
    await world.stop();
    await Promise.all(zvms.map((zvm) => zvm.close()));
  });

  test(
    'no worker ever touches a guest of another one, nothing is left, and no patch is blamed',
    { timeout: 1_800_000 },
    async () => {
      const pushed = await pushAll(world);
      const views = await Promise.all(pushed.map((change) => lookAt(world, change)));
      for (const zvm of zvms) await lever(zvm, 'DELETE faults');
      await until(
        () => leftOn(zvms),
        ({ length }) => length === 0,
        600_000,
      );
      await until(
        async () => (await world.database.pool.query(`select from slots where state <> 'free'`)).rowCount,
        (busy) => busy === 0,
        60_000,
      );

      const audits = await Promise.all(zvms.map((zvm) => lever<Audit>(zvm, 'GET audit')));
      expect(views.map(({ comments }) => comments.length)).toEqual(pushed.map(() => 1));
      expect(views.filter(({ verified }) => verified === -1)).toEqual([]);
      expect(audits.map(({ outsideInAll, outside }) => [outsideInAll, outside])).toEqual(audits.map(() => [0, []]));
      expect(audits.flatMap(({ shared }) => shared.filter(({ sameLife }) => sameLife))).toEqual([]);
      // Whoever named a userid was a guard or sidegate's sweep: nobody went past them.
      const callers = audits.flatMap(({ clients }) => clients.map(({ client }) => client));
      expect(callers.filter((client) => client !== 'sidegate' && !prefixes.includes(client))).toEqual([]);
      expect(new Set(callers.filter((client) => client !== 'sidegate')).size).toBeGreaterThan(1);
    },
  );
});

async function configure(world: World, zvms: readonly ZvmSimulator[]): Promise<void> {
  const configuration = parse(await readFile(world.config, 'utf8')) as { labels: object[]; jobs: object[] };
  const backends = zvms.map(({ url, host }) => ({
    name: host.toLowerCase(),
    kind: 'shared',
    url,
    guard: { address: '127.0.0.1' },
    slots: systems[host]!.map((prefix) => ({ prefix })),
  }));
  const jobs = configuration.jobs.map((job) => ({ ...job, attempts: 10 }));
  await writeFile(
    world.config,
    stringify({ ...configuration, backends, jobs, labels: [{ ...configuration.labels[0], max: 20 }] }),
  );
}

/** The simulator is told whose calls are whose; what is not a guard's is sidegate's own sweep. */
async function prepare(zvm: ZvmSimulator): Promise<void> {
  for (const prefix of systems[zvm.host]!)
    await lever(zvm, 'POST clients', { name: prefix, userAgent: `sidegate-guard ${prefix}`, prefixes: [prefix] });
  await lever(zvm, 'POST clients', { name: 'sidegate', userAgent: 'sidegate-service' });
  for (const trouble of troubles) await lever(zvm, 'POST faults', { ...trouble, rate: 0.05 });
}

async function pushAll(world: World): Promise<readonly PushedPatchset[]> {
  const pushed: PushedPatchset[] = [];
  let begun = 0;
  const worker = async () => {
    while (begun < builds) {
      begun += 1;
      const change = await world.push(greedy);
      pushed.push(change);
      await commented(world, change, 1, 900_000);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return pushed;
}

async function leftOn(zvms: readonly ZvmSimulator[]): Promise<readonly string[]> {
  const audits = await Promise.all(zvms.map((zvm) => lever<Audit>(zvm, 'GET audit')));
  return audits.flatMap(({ left }) => left.guests.map(({ userid }) => userid));
}

async function lever<T>(zvm: ZvmSimulator, route: string, body?: object): Promise<T> {
  const [method = 'GET', path = ''] = route.split(' ');
  const answer = await fetch(`${zvm.url}/simulator/${path}`, {
    method,
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (!answer.ok) throw new Error(`${route}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}
