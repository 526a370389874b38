import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askOpenstackClient, hasOpenstackClient, runOpenstackClient } from '../../../lab/openstack/openstack-client.ts';
import type { Child } from '../../../src/demo/child.ts';
import { root } from '../../../src/demo/simulators.ts';
import type { BuildRow, Overview, ServerRow } from '../../../src/ports/status.ts';
import type { CloudUnderTest } from '../world/cloud-under-test.ts';
import { until } from '../world/look.ts';
import { startWorld } from '../world/world.ts';
import type { World } from '../world/world.ts';
import { labelOf } from './cloud-stage.ts';

const run = promisify(execFile);

interface ListedServer {
  readonly Name: string;
  readonly Status: string;
  readonly Networks: Readonly<Record<string, readonly string[]>>;
}

interface ListedPort {
  readonly ID: string;
  readonly Name: string;
}

interface ListedFloatingIp {
  readonly 'Floating IP Address': string;
  readonly Port: string | null;
}

/** For a real cloud too (ms). */
const patience = 240_000;
const phases = [
  { name: 'fetch', run: 'true' },
  { name: 'test', run: 'sleep 600' },
];

/** OpenStack's own command-line client looks at what sidegate says exists. */
export function clientStories(cloud: () => CloudUnderTest): void {
  describe.skipIf(!hasOpenstackClient)('the command-line client of OpenStack', { timeout: 2 * patience }, () => {
    let world: World;
    let sidegate: Child<{ readonly url: string }>;
    beforeAll(async () => {
      world = await startWorld({ cloud: cloud(), configuration: configuration(cloud()) });
      sidegate = await world.startSidegate();
    });
    afterAll(() => world.stop());

    test('sees the servers, ports, floating address and keypair that sidegate says exist', async () => {
      const servers = await orderServers(world, sidegate);
      const names = servers.map(({ name }) => name).toSorted();
      const listed = await until(
        () => listServers(cloud()),
        (all) => all.length === 2 && all.every(({ Status }) => Status === 'ACTIVE'),
        patience,
      );
      const shown = await serversOf(sidegate);
      const { ports, floatingIps, keypairs } = await listThings(cloud());
      const outside = ports.find(({ Name }) => Name === shown.find(({ label }) => label === 'outside')?.name);
      const keys = await keysOf(cloud(), names);
      const swept = await runSidegate(world, 'sweep', '--dry-run');

      expect(listed.map(({ Name }) => Name).toSorted()).toEqual(names);
      expect(addressesSeen(shown, listed)).toEqual(addressesSaid(shown));
      expect(ports.map(({ Name }) => Name).toSorted()).toEqual(names);
      expect(floatingIps.map(({ Port }) => Port)).toEqual([outside?.ID]);
      expect(new Set(keys).size).toBe(1);
      expect(keypairs.map(({ Name }) => Name)).toContain(keys[0]);
      // Two servers, two ports, a floating address and the keypair.
      expect(swept).toContain('ci-cloud: 6 of ours, 0 belong to nothing');
    });

    test('sees none of them once sidegate says that there are none', async () => {
      await cancelAll(world, sidegate);
      await until(
        () => serversOf(sidegate),
        ({ length }) => length === 0,
        patience,
      );

      const { servers, ports, floatingIps } = await listThings(cloud());

      expect([servers, ports, floatingIps]).toEqual([[], [], []]);
    });
  });
}

/** Of two builds one needs a server with a floating address. */
function configuration(cloud: CloudUnderTest): object {
  const { routedNetwork, floatingNetwork } = cloud;
  const job = { timeout: '15m', attempts: 1, phases };
  return {
    labels: [
      labelOf(cloud),
      labelOf(cloud, {
        name: 'outside',
        networks: [routedNetwork],
        floating_network: floatingNetwork,
        // In the lab nobody can log in by it: it boots for as long as this.
        boot_timeout: '8m',
      }),
    ],
    jobs: [
      { ...job, name: 'story', label: 'small' },
      { ...job, name: 'outside', label: 'outside' },
    ],
    projects: [
      {
        gerrit: 'review',
        project: 'openstack/nova',
        branches: ['master'],
        pipelines: { check: ['story', 'outside'] },
      },
    ],
  };
}

async function orderServers(world: World, sidegate: Child<{ readonly url: string }>): Promise<readonly ServerRow[]> {
  await world.push({});
  return until(
    () => serversOf(sidegate),
    (servers) => servers.some(({ state }) => state === 'in use') && servers.length === 2,
    patience,
  );
}

/** What sidegate says. */
async function serversOf({ ready }: Child<{ readonly url: string }>): Promise<readonly ServerRow[]> {
  const overview = (await (await fetch(`${ready.url}/api/status`)).json()) as Overview;
  return overview.servers;
}

function listServers(cloud: CloudUnderTest): Promise<readonly ListedServer[]> {
  return runOpenstackClient<ListedServer[]>(cloud, 'server list');
}

interface Listed {
  readonly servers: readonly ListedServer[];
  readonly ports: readonly ListedPort[];
  readonly floatingIps: readonly ListedFloatingIp[];
  readonly keypairs: readonly { readonly Name: string }[];
}

/** Routers have ports of their own. */
async function listThings(cloud: CloudUnderTest): Promise<Listed> {
  const commands = ['server list', 'port list', 'floating ip list', 'keypair list'];
  const [servers, ports, floatingIps, keypairs] = (await askOpenstackClient(cloud, commands)) as [
    ListedServer[],
    ListedPort[],
    ListedFloatingIp[],
    { Name: string }[],
  ];
  return { servers, ports: ports.filter(({ Name }) => Name.startsWith('sidegate-')), floatingIps, keypairs };
}

async function keysOf(cloud: CloudUnderTest, servers: readonly string[]): Promise<readonly string[]> {
  const commands = servers.map((name) => `server show ${name}`);
  const answers = (await askOpenstackClient(cloud, commands)) as { key_name: string }[];
  return answers.map(({ key_name: name }) => name);
}

/** One that still boots has none to say. */
function addressesSaid(servers: readonly ServerRow[]): readonly (string | undefined)[] {
  return servers.map(({ address }) => address).filter((address) => address !== undefined);
}

function addressesSeen(
  servers: readonly ServerRow[],
  listed: readonly ListedServer[],
): readonly (string | undefined)[] {
  return servers
    .filter(({ address }) => address !== undefined)
    .map(({ name, address }) => {
      const networks = listed.find(({ Name }) => Name === name)?.Networks ?? {};
      return Object.values(networks)
        .flat()
        .find((seen) => seen === address);
    });
}

async function cancelAll(world: World, { ready }: Child<{ readonly url: string }>): Promise<void> {
  const builds = (await (await fetch(`${ready.url}/api/builds`)).json()) as BuildRow[];
  for (const { id } of builds.filter(({ endedAt }) => endedAt === undefined)) await runSidegate(world, 'cancel', id);
}

async function runSidegate(world: World, ...words: readonly string[]): Promise<string> {
  const args = [join(root, 'src', 'main.ts'), ...words, '--config', world.config];
  const { stdout } = await run(process.execPath, args, { env: { ...process.env, DATABASE_URL: world.database.url } });
  return stdout;
}
