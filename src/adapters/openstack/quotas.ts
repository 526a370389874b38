import { z } from 'zod';
import type { CloudCapacity, Quota, QuotaKind, ServerSize } from '../../domain/capacity.ts';
import type { CloudPlace, ServerPlace } from '../../domain/settings.ts';
import type { Client } from './client.ts';
import { listFlavors, pickFlavor } from './flavors.ts';
import { listAll } from './list-all.ts';

/** What the quotas of the project say, and the sizes of these places' flavors. Quotas nothing here can need are not asked for. */
export async function readCapacity(client: Client, places: readonly ServerPlace[]): Promise<CloudCapacity> {
  const own = places.filter((place) => place.kind === 'openstack');
  const [compute, network, volumes, sizes] = await Promise.all([
    computeQuotas(client),
    networkQuotas(client),
    own.some(({ volume }) => volume !== undefined) ? volumeQuotas(client) : [],
    flavorSizes(client, own),
  ]);
  return { quotas: [...compute, ...network, ...volumes], sizes };
}

const computeSchema = z.object({
  limits: z.object({
    absolute: z.object({
      maxTotalInstances: z.number(),
      totalInstancesUsed: z.number(),
      maxTotalCores: z.number(),
      totalCoresUsed: z.number(),
      maxTotalRAMSize: z.number(),
      totalRAMUsed: z.number(),
    }),
  }),
});

async function computeQuotas(client: Client): Promise<readonly Quota[]> {
  const answer = await client.call({ service: 'compute', method: 'GET', path: '/limits' });
  const { absolute } = answer.read(computeSchema).limits;
  return [
    { kind: 'servers', limit: absolute.maxTotalInstances, used: absolute.totalInstancesUsed },
    { kind: 'cores', limit: absolute.maxTotalCores, used: absolute.totalCoresUsed },
    { kind: 'ram', limit: absolute.maxTotalRAMSize, used: absolute.totalRAMUsed },
  ];
}

const detailSchema = z.object({ limit: z.number(), used: z.number(), reserved: z.number().default(0) });
const detailsSchema = z.object({ quota: z.object({ port: detailSchema, floatingip: detailSchema.optional() }) });
const plainSchema = z.object({ quota: z.object({ port: z.number(), floatingip: z.number().optional() }) });

/** Clouds without routers have no floating addresses. */
async function networkQuotas(client: Client): Promise<readonly Quota[]> {
  const path = `/quotas/${encodeURIComponent((await client.session()).projectId)}`;
  const answer = await client.call({
    service: 'network',
    method: 'GET',
    path: `${path}/details.json`,
    accept: [403, 404, 405, 501],
  });
  if (answer.status !== 200) return plainNetworkQuotas(client, path);
  const { port, floatingip } = answer.read(detailsSchema).quota;
  const quota = (kind: QuotaKind, { limit, used, reserved }: z.infer<typeof detailSchema>) => ({
    kind,
    limit,
    used: used + reserved,
  });
  return [quota('ports', port), ...(floatingip ? [quota('floating-ips', floatingip)] : [])];
}

/** Where Neutron does not tell what is used, it is counted. */
async function plainNetworkQuotas(client: Client, path: string): Promise<readonly Quota[]> {
  const { quota } = (await client.call({ service: 'network', method: 'GET', path })).read(plainSchema);
  const quotas: Quota[] = [{ kind: 'ports', limit: quota.port, used: await count(client, 'ports') }];
  if (quota.floatingip !== undefined)
    quotas.push({ kind: 'floating-ips', limit: quota.floatingip, used: await count(client, 'floatingips') });
  return quotas;
}

async function count(client: Client, key: 'ports' | 'floatingips'): Promise<number> {
  const query = { fields: 'id', project_id: (await client.session()).projectId };
  const item = z.object({ id: z.string() });
  return (await listAll(client, { service: 'network', path: `/${key}`, query, key, item })).length;
}

const volumeSchema = z.object({
  limits: z.object({
    absolute: z.object({
      maxTotalVolumes: z.number(),
      totalVolumesUsed: z.number(),
      maxTotalVolumeGigabytes: z.number(),
      totalGigabytesUsed: z.number(),
    }),
  }),
});

async function volumeQuotas(client: Client): Promise<readonly Quota[]> {
  const answer = await client.call({ service: 'block-storage', method: 'GET', path: '/limits' });
  const { absolute } = answer.read(volumeSchema).limits;
  return [
    { kind: 'volumes', limit: absolute.maxTotalVolumes, used: absolute.totalVolumesUsed },
    { kind: 'gigabytes', limit: absolute.maxTotalVolumeGigabytes, used: absolute.totalGigabytesUsed },
  ];
}

async function flavorSizes(
  client: Client,
  places: readonly CloudPlace[],
): Promise<Readonly<Record<string, ServerSize>>> {
  if (places.length === 0) return {};
  const flavors = await listFlavors(client);
  const sizes = places.flatMap(({ flavor: name }) => {
    const flavor = pickFlavor(flavors, name);
    return flavor ? [[name, { cores: flavor.vcpus, ram: flavor.ram }] as const] : [];
  });
  return Object.fromEntries(sizes);
}
