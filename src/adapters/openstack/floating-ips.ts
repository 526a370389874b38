import { z } from 'zod';
import type { ServerMark } from '../../ports/cloud.ts';
import type { Client } from './client.ts';
import { createOnce } from './create-once.ts';
import { listAll } from './list-all.ts';
import { isSame, markDescription, markOfDescription } from './marks.ts';

const floatingIpSchema = z.object({
  id: z.string().min(1).max(100),
  port_id: z.string().nullable(),
  description: z.string().nullish(),
});
const createdSchema = z.object({ floatingip: floatingIpSchema });

type FloatingIp = z.infer<typeof floatingIpSchema>;

interface Wanted {
  readonly mark: ServerMark;
  /** Id of the external network. */
  readonly network: string;
  readonly port: string;
}

/** Gives the port a floating address unless it has one. Done before the server exists, so that Nova knows it from the start. */
export async function ensureFloatingIp(client: Client, { mark, network, port }: Wanted): Promise<void> {
  const body = {
    floatingip: { floating_network_id: network, port_id: port, description: markDescription(mark) },
  };
  await createOnce({
    find: async () => (await findFloatingIps(client, mark)).find(({ port_id: found }) => found === port),
    async create() {
      const answer = await client.call({ service: 'network', method: 'POST', path: '/floatingips', body });
      return answer.read(createdSchema).floatingip;
    },
  });
}

/** A Neutron without routers has none. One may ignore the filter, and then lists those of others too. */
export async function findFloatingIps(client: Client, mark: ServerMark): Promise<readonly FloatingIp[]> {
  const list = await listAll(client, {
    service: 'network',
    path: '/floatingips',
    query: { description: markDescription(mark) },
    key: 'floatingips',
    item: floatingIpSchema,
    optional: true,
  });
  return list.filter(({ description }) => isSame(markOfDescription(description ?? ''), mark));
}

export async function deleteFloatingIp(client: Client, id: string): Promise<void> {
  const path = `/floatingips/${encodeURIComponent(id)}`;
  await client.call({ service: 'network', method: 'DELETE', path, accept: [404] });
}
