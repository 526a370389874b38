import type { OpenstackSession } from '../../../lab/openstack/openstack-session.ts';
import { generateSshKey } from '../../../src/shared/generate-ssh-key.ts';
import type { CloudUnderTest } from '../world/cloud-under-test.ts';
import { until } from '../world/look.ts';

export type Mark = Readonly<Record<'sidegate_owner' | 'sidegate_server', string>>;

interface Identified {
  readonly id: string;
}

/** A server, a keypair and, where there is a Cinder, a volume with this mark. */
export interface LeftoverServer {
  readonly server: string;
  readonly keypair: string;
  readonly volume: string | undefined;
}

export async function makeServer(user: OpenstackSession, cloud: CloudUnderTest, mark: Mark): Promise<LeftoverServer> {
  const keypair = { name: `sidegate-${mark.sidegate_owner}-old`, public_key: generateSshKey('old').publicKey };
  await user.ask('compute', 'POST /os-keypairs', { body: { keypair } });
  const server = {
    name: 'left-over',
    imageRef: await idOf(user, 'image', `GET /v2/images?name=${cloud.image}`),
    flavorRef: await flavorOf(user, cloud.flavor),
    networks: [{ uuid: await idOf(user, 'network', `GET /v2.0/networks?name=${cloud.network}`) }],
    metadata: mark,
  };
  const made = await user.ask<{ server: Identified }>('compute', 'POST /servers', { body: { server } });
  return { server: made.server.id, keypair: keypair.name, volume: await makeVolume(user, mark) };
}

async function makeVolume(user: OpenstackSession, mark: Mark): Promise<string | undefined> {
  if (!user.offers('block-storage')) return undefined;
  const volume = { name: 'left-over', size: 1, metadata: mark };
  const made = await user.ask<{ volume: Identified }>('block-storage', 'POST /volumes', { body: { volume } });
  return made.volume.id;
}

export function idsOf({ server, keypair, volume }: LeftoverServer): readonly string[] {
  return [server, keypair, ...(volume === undefined ? [] : [volume])];
}

/** Ids of all servers and volumes, names of all keypairs. */
export async function listServers(user: OpenstackSession): Promise<readonly string[]> {
  const { servers } = await user.ask<{ servers: readonly Identified[] }>('compute', 'GET /servers');
  const { keypairs } = await user.ask<{ keypairs: readonly { keypair: { name: string } }[] }>(
    'compute',
    'GET /os-keypairs',
  );
  const { volumes } = user.offers('block-storage')
    ? await user.ask<{ volumes: readonly Identified[] }>('block-storage', 'GET /volumes')
    : { volumes: [] };
  return [...servers, ...volumes].map(({ id }) => id).concat(keypairs.map(({ keypair }) => keypair.name));
}

export async function removeServer(user: OpenstackSession, leftover: LeftoverServer): Promise<void> {
  await user.call('compute', `DELETE /os-keypairs/${leftover.keypair}`);
  await user.call('compute', `DELETE /servers/${leftover.server}`);
  if (leftover.volume !== undefined) await user.call('block-storage', `DELETE /volumes/${leftover.volume}`);
  await until(
    () => listServers(user),
    (all) => !idsOf(leftover).some((id) => all.includes(id)),
  );
}

async function idOf(user: OpenstackSession, service: string, request: string): Promise<string> {
  const answer = await user.ask<Readonly<Record<string, readonly Identified[]>>>(service, request);
  return Object.values(answer).find((list) => Array.isArray(list))![0]!.id;
}

async function flavorOf(user: OpenstackSession, name: string): Promise<string> {
  const { flavors } = await user.ask<{ flavors: readonly (Identified & { name: string })[] }>(
    'compute',
    'GET /flavors',
  );
  return flavors.find((flavor) => flavor.name === name)!.id;
}
