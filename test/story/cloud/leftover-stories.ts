import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../../../src/demo/simulators.ts';
import { generateSshKey } from '../../../src/shared/generate-ssh-key.ts';
import type { CloudUnderTest } from '../world/cloud-under-test.ts';
import { until } from '../world/look.ts';
import { asCi } from '../world/cloud-under-test.ts';
import type { OpenstackSession } from '../../../lab/openstack/openstack-session.ts';
import { startWorld } from '../world/world.ts';
import type { World } from '../world/world.ts';
import { labelOf } from './cloud-stage.ts';

const run = promisify(execFile);

/** What a crash, or a cloud that forgets, leaves behind: ours is found and deleted, what others have stays. */
export function leftoverStories(cloud: () => CloudUnderTest): void {
  describe('leftovers', () => {
    let world: World;
    let user: OpenstackSession;
    let owner = '';
    beforeAll(async () => {
      world = await startWorld({ cloud: cloud(), configuration: { labels: [labelOf(cloud())] } });
      await world.startSidegate();
      await world.stopSidegates();
      owner = (await world.database.pool.query<{ id: string }>(`select id from installation`)).rows[0]!.id;
      user = await asCi(cloud());
    });
    afterAll(() => world.stop());

    test('a dry run names them and touches nothing; the sweep deletes ours and only ours', async () => {
      const ours = await makeThings(user, cloud(), `sidegate_owner=${owner} sidegate_server=${randomUUID()}`);
      const foreign = await makeThings(user, cloud(), `sidegate_owner=${randomUUID()} sidegate_server=${randomUUID()}`);

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

    test('a sweep by hand leaves keypairs alone, wherever it is run; the service deletes those of earlier keys', async () => {
      const name = `sidegate-${owner}-0123456789ab`;
      await world.cloudClient.ensureKeypair(name, generateSshKey('earlier').publicKey);
      const keypairs = async () => {
        const marked = await world.cloudClient.listMarked(owner);
        return marked.filter(({ kind }) => kind === 'keypair').map((keypair) => keypair.name);
      };

      const swept = await sweep(world);
      const afterSweep = await keypairs();
      await world.startSidegate();
      await until(keypairs, (all) => !all.includes(name));
      await world.stopSidegates();

      expect(swept).not.toContain(name);
      expect(afterSweep).toContain(name);
    });

    test('a running sidegate sweeps by itself and counts', async () => {
      const ours = await makeThings(user, cloud(), `sidegate_owner=${owner} sidegate_server=${randomUUID()}`);

      const sidegate = await world.startSidegate();
      await until(
        () => listThings(user),
        (all) => !all.some((id) => ours.includes(id)),
      );
      const metrics = await (await fetch(`${sidegate.ready.url}/metrics`)).text();

      expect(metrics).toMatch(/^sidegate_leftovers_deleted_total\{[^}]*"port"[^}]*\} [1-9]/m);
      await world.stopSidegates();
    });
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
