import { z } from 'zod';
import { SidegateError } from '../../domain/errors.ts';
import type { Client } from './client.ts';
import { listAll } from './list-all.ts';

const flavorSchema = z.object({ id: z.string(), name: z.string(), ram: z.number(), vcpus: z.number() });

export type CloudFlavor = z.infer<typeof flavorSchema>;

export function listFlavors(client: Client): Promise<readonly CloudFlavor[]> {
  return listAll(client, { service: 'compute', path: '/flavors/detail', key: 'flavors', item: flavorSchema });
}

/** By name, or by id where no name fits. */
export function pickFlavor(flavors: readonly CloudFlavor[], name: string): CloudFlavor | undefined {
  return flavors.find((flavor) => flavor.name === name) ?? flavors.find(({ id }) => id === name);
}

export async function findFlavor(client: Client, name: string): Promise<CloudFlavor> {
  const found = pickFlavor(await listFlavors(client), name);
  if (!found) throw new SidegateError('cloud-refused', `there is no flavor named ${name}`);
  return found;
}
