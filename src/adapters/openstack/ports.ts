import { z } from 'zod';
import type { ServerMark, ServerRequest } from '../../ports/cloud.ts';
import type { Client } from './client.ts';
import { createOrFind } from './create-once.ts';
import { listAll } from './list-all.ts';
import { isSame, markDescription, markOfDescription } from './marks.ts';
import type { ResolvedPlace } from './names.ts';

const portSchema = z.object({
  id: z.string().min(1).max(100),
  network_id: z.string(),
  description: z.string().nullish(),
  created_at: z.string().default(''),
});
const createdSchema = z.object({ port: portSchema });

type Port = z.infer<typeof portSchema>;

/** Ids of the server's ports, one in each network and in their order, each created unless it exists. */
export async function ensurePorts(
  client: Client,
  request: ServerRequest,
  place: ResolvedPlace,
): Promise<readonly string[]> {
  const ids: string[] = [];
  const pick = (ports: readonly Port[], network: string) =>
    ports.find(({ id, network_id: found }) => found === network && !ids.includes(id));
  const existing = await findPorts(client, request.mark);
  for (const network of place.networkIds) {
    const port =
      pick(existing, network) ??
      (await createOrFind({
        create: () => createPort(client, request, { network, securityGroups: place.securityGroupIds }),
        find: async () => pick(await findPorts(client, request.mark), network),
      }));
    ids.push(port.id);
  }
  return ids;
}

/**
 * The oldest first, should an earlier call have left two: every caller then takes the same one. Neutron cannot sort by age, and one
 * may ignore the filter: then it lists the ports of others too.
 */
export async function findPorts(client: Client, mark: ServerMark): Promise<readonly Port[]> {
  const query = { description: markDescription(mark) };
  const ports = await listAll(client, { service: 'network', path: '/ports', query, key: 'ports', item: portSchema });
  return ports
    .filter(({ description }) => isSame(markOfDescription(description ?? ''), mark))
    .toSorted((a, b) => a.created_at.localeCompare(b.created_at) || a.id.localeCompare(b.id));
}

interface Wiring {
  readonly network: string;
  readonly securityGroups: readonly string[];
}

async function createPort(client: Client, request: ServerRequest, wiring: Wiring): Promise<Port> {
  const port = {
    network_id: wiring.network,
    name: request.name,
    description: markDescription(request.mark),
    ...(wiring.securityGroups.length > 0 ? { security_groups: wiring.securityGroups } : {}),
  };
  const answer = await client.call({ service: 'network', method: 'POST', path: '/ports', body: { port } });
  return answer.read(createdSchema).port;
}

export async function deletePort(client: Client, id: string): Promise<void> {
  const path = `/ports/${encodeURIComponent(id)}`;
  await client.call({ service: 'network', method: 'DELETE', path, accept: [404] });
}
