import { z } from 'zod';
import { SidegateError } from '../../domain/errors.ts';
import type { ServerLabel } from '../../domain/settings.ts';
import type { Client } from './client.ts';

/** Names of a label as the ids Nova wants. */
export interface ResolvedLabel {
  readonly imageId: string;
  readonly flavorId: string;
  readonly networkIds: readonly string[];
}

export interface NameResolver {
  resolve(label: ServerLabel): Promise<ResolvedLabel>;
  /** Forgets what it knows; true when it knew something. */
  forget(): boolean;
}

/** How long a name is believed to mean the same thing, milliseconds. */
const lifetime = 60_000;
const pageLimit = 500;

/** Looks names up, each at most once a minute however many servers boot. */
export function createNameResolver(client: Client): NameResolver {
  const known = new Map<string, { id: Promise<string>; until: number }>();

  function remember(key: string, find: () => Promise<string>): Promise<string> {
    const entry = known.get(key);
    if (entry && entry.until > Date.now()) return entry.id;
    const id = find();
    known.set(key, { id, until: Date.now() + lifetime });
    // A failed look-up is not remembered; whoever waits for `id` gets the error.
    id.catch(() => known.delete(key));
    return id;
  }

  async function resolve(label: ServerLabel): Promise<ResolvedLabel> {
    const [imageId, flavorId, ...networkIds] = await Promise.all([
      remember(`image ${label.image}`, () => findImage(client, label.image)),
      remember(`flavor ${label.flavor}`, async () => (await findFlavor(client, label.flavor)).id),
      ...label.networks.map((name) => remember(`network ${name}`, () => findNetwork(client, name))),
    ]);
    return { imageId, flavorId, networkIds };
  }

  function forget(): boolean {
    const knew = known.size > 0;
    known.clear();
    return knew;
  }

  return { resolve, forget };
}

const imagesSchema = z.object({
  images: z.array(z.object({ id: z.string(), name: z.string().nullable(), status: z.string() })),
});

/** The newest active image of that name. */
export async function findImage(client: Client, name: string): Promise<string> {
  const query = new URLSearchParams({ name: imageFilter(name), status: 'active', sort: 'created_at:desc', limit: '1' });
  const { images } = (await client.call({ service: 'image', method: 'GET', path: `/images?${query.toString()}` })).read(
    imagesSchema,
  );
  const [image] = images;
  if (!image) throw new SidegateError('cloud-refused', `there is no active image named ${name}`);
  return image.id;
}

/** Glance takes `in:` and the like at the beginning of a filter for an operator; quoted within `in:` a name is only a name. */
function imageFilter(name: string): string {
  return /^\w+:/u.test(name) ? `in:"${name.replaceAll('"', '\\"')}"` : name;
}

export interface CloudFlavor {
  readonly id: string;
  readonly name: string;
  readonly ram: number;
  readonly vcpus: number;
}

const flavorsSchema = z.object({
  flavors: z.array(z.object({ id: z.string(), name: z.string(), ram: z.number(), vcpus: z.number() })),
  flavors_links: z.array(z.object({ rel: z.string() })).optional(),
});

/** By name, or by id where no name fits. */
export async function findFlavor(client: Client, name: string): Promise<CloudFlavor> {
  const flavors = await listFlavors(client);
  const found = flavors.find((flavor) => flavor.name === name) ?? flavors.find(({ id }) => id === name);
  if (!found) throw new SidegateError('cloud-refused', `there is no flavor named ${name}`);
  return found;
}

async function listFlavors(client: Client): Promise<readonly CloudFlavor[]> {
  const flavors: CloudFlavor[] = [];
  for (let page = 0; page < pageLimit; page += 1) {
    const last = flavors.at(-1)?.id;
    const path = `/flavors/detail${last === undefined ? '' : `?marker=${encodeURIComponent(last)}`}`;
    const part = (await client.call({ service: 'compute', method: 'GET', path })).read(flavorsSchema);
    flavors.push(...part.flavors);
    if (part.flavors.length === 0 || !part.flavors_links?.some(({ rel }) => rel === 'next')) break;
  }
  return flavors;
}

const networksSchema = z.object({ networks: z.array(z.object({ id: z.string(), name: z.string() })) });

/** By name, or by id where no name fits; two networks of one name are an error. */
export async function findNetwork(client: Client, name: string): Promise<string> {
  for (const key of ['name', 'id']) {
    const path = `/networks?${new URLSearchParams({ [key]: name }).toString()}`;
    const { networks } = (await client.call({ service: 'network', method: 'GET', path })).read(networksSchema);
    if (networks.length > 1)
      throw new SidegateError('cloud-refused', `there are ${networks.length} networks named ${name}: write its id`);
    if (networks[0]) return networks[0].id;
  }
  throw new SidegateError('cloud-refused', `there is no network named ${name}`);
}
