import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { root } from '../../../src/demo/simulators.ts';
import { generateSshKey } from '../../../src/shared/generate-ssh-key.ts';
import type { CloudUnderTest } from '../world/cloud-under-test.ts';
import { until } from '../world/look.ts';
import { asCi } from '../world/cloud-under-test.ts';
import type { OpenstackSession } from '../../../lab/openstack/openstack-session.ts';
import { startWorld } from '../world/world.ts';
import type { World } from '../world/world.ts';
import { labelOf, noticesOf } from './cloud-stage.ts';
import { idsOf, listServers, makeServer, removeServer } from './leftover-servers.ts';

const run = promisify(execFile);
/** A sweep that the cloud was too slow for comes again after a minute (ms). */
const patience = 150_000;

interface Stage {
  readonly world: World;
  readonly cloud: CloudUnderTest;
  readonly user: OpenstackSession;
  /** The installation's mark. */
  readonly owner: string;
}

/** What a crash, or a cloud that forgets, leaves behind: ours is found and deleted, what others have stays. */
export function leftoverStories(cloud: () => CloudUnderTest): void {
  describe('leftovers', () => {
    let stage: Stage | undefined;
    beforeAll(async () => {
      stage = await openStage(cloud());
    });
    afterAll(() => stage?.world.stop());

    commandStories(() => stage!);
    keypairStory(() => stage!);
    serviceStories(() => stage!);
  });
}

async function openStage(cloud: CloudUnderTest): Promise<Stage> {
  const world = await startWorld({ cloud, configuration: { labels: [labelOf(cloud)] } });
  await world.startSidegate();
  await world.stopSidegates();
  const { rows } = await world.database.pool.query<{ id: string }>(`select id from installation`);
  return { world, cloud, owner: rows[0]!.id, user: await asCi(cloud) };
}

/** Without a service. */
function commandStories(stage: () => Stage): void {
  test('a dry run names them and touches nothing; the sweep deletes ours and only ours', async () => {
    const { world, user, owner, cloud } = stage();
    const ours = await makeThings(user, cloud, `sidegate_owner=${owner} sidegate_server=${randomUUID()}`);
    const foreign = await makeThings(user, cloud, `sidegate_owner=${randomUUID()} sidegate_server=${randomUUID()}`);

    const dry = await sweep(world, '--dry-run');
    const untouched = await listThings(user);
    const real = await sweep(world);
    const left = await until(
      () => listThings(user),
      (all) => !all.some((id) => ours.includes(id)),
    );

    for (const id of ours) expect(dry).toContain(`(${id}) would be deleted`);
    expect(untouched).toEqual(expect.arrayContaining([...ours, ...foreign]));
    for (const id of ours) expect(real).toContain(`(${id}) deleted`);
    expect(left).toEqual(expect.arrayContaining([...foreign]));
    for (const id of foreign) expect(dry + real).not.toContain(id);
    await removeThings(user, foreign);
  });

  test('servers and volumes are found and deleted as well, those of others stay; keypairs are left to the service', async () => {
    const { world, user, owner, cloud } = stage();
    const mark = { sidegate_owner: owner, sidegate_server: randomUUID() };
    const made = await makeServer(user, cloud, mark);
    const ours = idsOf(made).filter((id) => id !== made.keypair);
    const foreign = await makeServer(user, cloud, { ...mark, sidegate_owner: randomUUID() });

    const dry = await sweep(world, '--dry-run');
    const untouched = await listServers(user);
    const real = await sweep(world);
    const left = await until(
      () => listServers(user),
      (all) => !all.some((id) => ours.includes(id)),
    );

    for (const id of ours) expect(dry).toContain(`(${id}) would be deleted`);
    expect(untouched).toEqual(expect.arrayContaining([...ours, ...idsOf(foreign)]));
    for (const id of ours) expect(real).toMatch(new RegExp(`\\(${id}\\) (is being )?deleted`));
    expect(left).toEqual(expect.arrayContaining([...idsOf(foreign), made.keypair]));
    for (const id of [...idsOf(foreign), made.keypair]) expect(dry + real).not.toContain(id);
    await user.ask('compute', `DELETE /os-keypairs/${made.keypair}`);
    await removeServer(user, foreign);
  });
}

function keypairStory(stage: () => Stage): void {
  test('a running sidegate deletes the keypairs of earlier keys', async () => {
    const { world, owner } = stage();
    const name = `sidegate-${owner}-0123456789ab`;
    await world.cloudClient.ensureKeypair(name, generateSshKey('earlier').publicKey);

    await world.startSidegate();
    const left = await until(
      async () => (await world.cloudClient.listMarked(owner)).filter(({ kind }) => kind === 'keypair'),
      (keypairs) => keypairs.every((keypair) => keypair.name !== name),
      patience,
    );
    await world.stopSidegates();

    expect(left.map((keypair) => keypair.name)).not.toContain(name);
  });
}

function serviceStories(stage: () => Stage): void {
  test('a running sidegate sweeps by itself and counts', async () => {
    const { world, user, owner, cloud } = stage();
    const ours = await makeThings(user, cloud, `sidegate_owner=${owner} sidegate_server=${randomUUID()}`);

    const sidegate = await world.startSidegate();
    await until(
      () => listThings(user),
      (all) => !all.some((id) => ours.includes(id)),
      patience,
    );
    const metrics = await (await fetch(`${sidegate.ready.url}/metrics`)).text();

    expect(metrics).toMatch(/^sidegate_leftovers_deleted_total\{[^}]*"port"[^}]*\} [1-9]/m);
    await world.stopSidegates();
  });

  test('with `sweep: report` are only counted and told, until somebody deletes them', async () => {
    const { world, user, owner, cloud } = stage();
    const ours = await makeThings(user, cloud, `sidegate_owner=${owner} sidegate_server=${randomUUID()}`);
    const before = await readFile(world.config, 'utf8');
    await writeFile(
      world.config,
      stringify({ ...(parse(before) as object), clouds: [{ name: 'ci-cloud', sweep: 'report' }] }),
    );

    const sidegate = await world.startSidegate();
    const told = await until(
      () => noticesOf(world),
      (notices) => notices.some(({ code }) => code === 'leftovers-found'),
      patience,
    );
    const metrics = await until(
      async () => (await fetch(`${sidegate.ready.url}/metrics`)).text(),
      (text) => /^sidegate_leftovers_found_total\{[^}]*"port"[^}]*\} 1$/m.test(text),
    );
    const untouched = await listThings(user);
    await world.stopSidegates();
    await removeThings(user, ours);
    await world.startSidegate();
    await until(
      () => noticesOf(world),
      (notices) => notices.every(({ code }) => code !== 'leftovers-found'),
      patience,
    );
    await world.stopSidegates();
    await writeFile(world.config, before);

    for (const id of ours) expect(told.find(({ code }) => code === 'leftovers-found')?.text).toContain(id);
    expect(metrics).toMatch(/^sidegate_leftovers_found_total\{[^}]*"floating-ip"[^}]*\} 1$/m);
    expect(untouched).toEqual(expect.arrayContaining([...ours]));
  });
}

/** A port and a floating address with this description; their ids. */
async function makeThings(
  user: OpenstackSession,
  cloud: CloudUnderTest,
  description: string,
): Promise<readonly string[]> {
  const port = { network_id: await networkId(user, cloud.network), name: 'left-over', description };
  const address = { floating_network_id: await networkId(user, cloud.floatingNetwork), description };
  const made = [
    await user.ask<{ port: Identified }>('network', 'POST /v2.0/ports', { body: { port } }),
    await user.ask<{ floatingip: Identified }>('network', 'POST /v2.0/floatingips', { body: { floatingip: address } }),
  ];
  return made.flatMap((one) => Object.values(one)).map(({ id }) => id);
}

async function networkId(user: OpenstackSession, name: string): Promise<string> {
  const { networks } = await user.ask<{ networks: readonly Identified[] }>(
    'network',
    `GET /v2.0/networks?name=${name}`,
  );
  return networks[0]!.id;
}

async function listThings(user: OpenstackSession): Promise<readonly string[]> {
  const { ports } = await user.ask<{ ports: readonly Identified[] }>('network', 'GET /v2.0/ports');
  const { floatingips } = await user.ask<{ floatingips: readonly Identified[] }>('network', 'GET /v2.0/floatingips');
  return [...ports, ...floatingips].map(({ id }) => id);
}

interface Identified {
  readonly id: string;
}

async function removeThings(user: OpenstackSession, [port, address]: readonly string[]): Promise<void> {
  await user.ask('network', `DELETE /v2.0/ports/${port}`);
  await user.ask('network', `DELETE /v2.0/floatingips/${address}`);
}

async function sweep(world: World, ...options: readonly string[]): Promise<string> {
  const main = join(root, 'src', 'main.ts');
  const { stdout } = await run(process.execPath, [main, 'sweep', '--config', world.config, ...options], {
    env: { ...process.env, DATABASE_URL: world.database.url },
  });
  return stdout;
}
