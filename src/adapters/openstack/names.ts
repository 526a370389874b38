import type { CloudPlace } from '../../domain/settings.ts';
import type { Client } from './client.ts';
import { findFlavor } from './flavors.ts';
import { findImage } from './images.ts';
import { findExternalNetwork, findNetwork, findSecurityGroup } from './networks.ts';

/** Names of a place as the ids the services want. */
export interface ResolvedPlace {
  readonly imageId: string;
  readonly flavorId: string;
  readonly networkIds: readonly string[];
  readonly securityGroupIds: readonly string[];
  readonly floatingNetworkId: string | undefined;
}

export interface NameResolver {
  /** `imageId` is taken instead of the place's image. */
  resolve(place: CloudPlace, imageId: string | undefined): Promise<ResolvedPlace>;
  /** Forgets what it knows; true when it knew something. */
  forget(): boolean;
}

/** How long a name is believed to mean the same thing, milliseconds. */
const lifetime = 60_000;

type Find = (client: Client, name: string) => Promise<string>;

/** Looks names up, each at most once a minute however many servers boot. */
export function createNameResolver(client: Client): NameResolver {
  const known = new Map<string, { id: Promise<string>; until: number }>();

  function remember(what: string, name: string, find: Find): Promise<string> {
    const key = `${what} ${name}`;
    const entry = known.get(key);
    if (entry && entry.until > performance.now()) return entry.id;
    const id = find(client, name);
    known.set(key, { id, until: performance.now() + lifetime });
    // A failed look-up is not remembered; whoever waits for `id` gets the error.
    id.catch(() => known.delete(key));
    return id;
  }

  async function resolve(place: CloudPlace, imageId: string | undefined): Promise<ResolvedPlace> {
    const { floatingNetwork } = place;
    const [image, flavorId, networkIds, securityGroupIds, floatingNetworkId] = await Promise.all([
      imageId ?? remember('image', place.image, findImage),
      remember('flavor', place.flavor, async (_client, name) => (await findFlavor(client, name)).id),
      Promise.all(place.networks.map((name) => remember('network', name, findNetwork))),
      Promise.all(place.securityGroups.map((name) => remember('security group', name, findSecurityGroup))),
      floatingNetwork === undefined ? undefined : remember('floating', floatingNetwork, findExternalNetwork),
    ]);
    return { imageId: image, flavorId, networkIds, securityGroupIds, floatingNetworkId };
  }

  function forget(): boolean {
    const knew = known.size > 0;
    known.clear();
    return knew;
  }

  return { resolve, forget };
}
