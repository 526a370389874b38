import { z } from 'zod';
import { SidegateError } from '../../domain/errors.ts';
import type { Client } from './client.ts';

const foundSchema = z.object({ id: z.string(), name: z.string(), project_id: z.string().optional() });
const networkSchema = foundSchema.extend({
  'router:external': z.boolean().optional(),
  port_security_enabled: z.boolean().optional(),
});
const networkKind = { what: 'network', path: '/networks', key: 'networks', item: networkSchema };

type Named = z.infer<typeof foundSchema>;

export async function findNetwork(client: Client, name: string): Promise<string> {
  return (await findNamed(client, networkKind, name)).id;
}

/** A network whose ports can have security groups. */
export async function findSecuredNetwork(client: Client, name: string): Promise<string> {
  const network = await findNamed(client, networkKind, name);
  if (network.port_security_enabled !== false) return network.id;
  throw new SidegateError('cloud-refused', `network ${name} has no port security: it takes no security groups`);
}

/** A network that floating addresses can come from. */
export async function findExternalNetwork(client: Client, name: string): Promise<string> {
  const network = await findNamed(client, networkKind, name);
  if (network['router:external'] === true) return network.id;
  throw new SidegateError('cloud-refused', `network ${name} is not external: there are no floating addresses from it`);
}

export async function findSecurityGroup(client: Client, name: string): Promise<string> {
  const kind = { what: 'security group', path: '/security-groups', key: 'security_groups', item: foundSchema };
  return (await findNamed(client, kind, name)).id;
}

interface Kind<Item extends z.ZodType<Named>> {
  readonly what: string;
  readonly path: string;
  readonly key: string;
  readonly item: Item;
}

/** By name, or by id where no name fits. Of several with one name the project's own one; several of these are an error. */
async function findNamed<Item extends z.ZodType<Named>>(
  client: Client,
  { what, path, key, item }: Kind<Item>,
  name: string,
): Promise<z.output<Item>> {
  for (const field of ['name', 'id']) {
    const query = new URLSearchParams({ [field]: name }).toString();
    const answer = await client.call({ service: 'network', method: 'GET', path: `${path}?${query}` });
    const all = answer.read(z.object({ [key]: z.array(item) }))[key] ?? [];
    const { projectId } = await client.session();
    const own = all.length > 1 ? all.filter((found) => found.project_id === projectId) : all;
    if (own.length === 1) return own[0]!;
    if (all.length > 0)
      throw new SidegateError('cloud-refused', `there are ${all.length} ${what}s named ${name}: write its id`);
  }
  throw new SidegateError('cloud-refused', `there is no ${what} named ${name}`);
}
