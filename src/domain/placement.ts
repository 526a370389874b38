import type { CloudCapacity, Quota, QuotaKind } from './capacity.ts';
import type { CloudPlace, CloudSettings, ServerLabel, ServerPlace } from './settings.ts';

/** Where a server is booted: a cloud, and a zone where one is named. */
export interface Spot {
  readonly cloud: string;
  readonly zone: string | undefined;
}

export interface CloudView {
  readonly name: string;
  readonly healthy: boolean;
  readonly detail: string;
  /** Undefined: nobody could look yet; then the cloud is simply asked. */
  readonly capacity: CloudCapacity | undefined;
  /** Milliseconds since 1970: what was ordered later is not in `capacity`. */
  readonly checkedAt: number;
}

export interface PlacedServer extends Spot {
  readonly label: string;
  readonly createdAt: number;
  /** So many of them alike; 1 when left out. */
  readonly count?: number;
}

export interface PlacementView {
  readonly labels: readonly ServerLabel[];
  readonly settings: readonly CloudSettings[];
  readonly clouds: readonly CloudView[];
  /** Servers that are not deleted. */
  readonly servers: readonly PlacedServer[];
  readonly failures: readonly (Spot & { readonly label: string })[];
}

/** How a spot is written down in `ServerRecord.tried`. */
export function spotText({ cloud, zone }: Spot): string {
  return zone === undefined ? cloud : `${cloud}:${zone}`;
}

/** Decides where servers go, and remembers what it gave away. */
export class Placement {
  readonly #clouds: ReadonlyMap<string, CloudRoom>;
  /** Failed boots by label and spot, servers by spot. */
  readonly #failures: ReadonlyMap<string, number>;
  readonly #servers: ReadonlyMap<string, number>;

  constructor(view: PlacementView) {
    const names = new Set(view.labels.flatMap(({ places }) => places.map(({ cloud }) => cloud)));
    this.#clouds = new Map([...names].map((name) => [name, roomOf(name, view)]));
    this.#failures = countBy(view.failures, (failure) => `${failure.label} ${spotText(failure)}`);
    this.#servers = countBy(view.servers, spotText);
  }

  /** The first place of the label with room, outside of `tried`, or the words for why there is none. Takes the room. */
  take(label: ServerLabel, tried: readonly string[] = []): Spot | string {
    const reasons: string[] = [];
    for (const place of label.places) {
      const room = this.#clouds.get(place.cloud)!;
      const reason = room.lack(place);
      const spot = reason === undefined ? this.#bestSpot(label, place, tried) : undefined;
      if (spot) {
        room.take(place);
        return spot;
      }
      reasons.push(reason ?? `${place.cloud} was tried`);
    }
    return reasons.join('; ');
  }

  /** Which clouds of the label are out of order, and why. */
  outages(label: ServerLabel): readonly string[] {
    return label.places.flatMap(({ cloud }) => this.#clouds.get(cloud)!.outage ?? []);
  }

  /** Of the zones not tried, the one with the fewest failed boots of late, then with the fewest servers. */
  #bestSpot(label: ServerLabel, place: ServerPlace, tried: readonly string[]): Spot | undefined {
    return spotsOf(place)
      .filter((spot) => !tried.includes(spotText(spot)))
      .map((spot) => ({
        spot,
        failures: this.#failures.get(`${label.name} ${spotText(spot)}`) ?? 0,
        servers: this.#servers.get(spotText(spot)) ?? 0,
      }))
      .toSorted((a, b) => a.failures - b.failures || a.servers - b.servers)[0]?.spot;
  }
}

function countBy<T>(list: readonly (T & { readonly count?: number })[], key: (one: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const one of list) counts.set(key(one), (counts.get(key(one)) ?? 0) + (one.count ?? 1));
  return counts;
}

function spotsOf(place: ServerPlace): readonly Spot[] {
  const zones =
    place.kind === 'openstack' && place.availabilityZones.length > 0 ? place.availabilityZones : [undefined];
  return zones.map((zone) => ({ cloud: place.cloud, zone }));
}

/** Room in one cloud: what quota leaves, less what was ordered since somebody looked. */
class CloudRoom {
  readonly #view: CloudView | undefined;
  readonly #maxServers: number;
  #servers: number;
  readonly #used = new Map<QuotaKind, number>();
  readonly #ours = new Map<QuotaKind, number>();

  constructor(view: CloudView | undefined, maxServers: number, servers: number) {
    this.#view = view;
    this.#maxServers = maxServers;
    this.#servers = servers;
  }

  get outage(): string | undefined {
    const view = this.#view;
    return view && !view.healthy ? `${view.name} is out of order: ${view.detail}` : undefined;
  }

  /** Why no server of this place can be booted; undefined: one can. */
  lack(place: ServerPlace): string | undefined {
    const view = this.#view;
    if (this.outage !== undefined) return this.outage;
    if (this.#servers >= this.#maxServers)
      return `${place.cloud} (all ${this.#maxServers} servers of max_servers in use)`;
    if (!view?.capacity) return undefined;
    if (place.kind === 'openstack' && !Object.hasOwn(view.capacity.sizes, place.flavor))
      return `${place.cloud} has no flavor ${place.flavor}`;
    const needs = needsOf(place, view.capacity);
    const short = view.capacity.quotas.find((quota) => !this.#fits(quota, needs.get(quota.kind) ?? 0));
    return (
      short && `quota of ${place.cloud}: ${this.#usedOf(short)} of ${short.limit} ${quotaWords[short.kind]} in use`
    );
  }

  take(place: ServerPlace): void {
    this.#servers += 1;
    this.count(place);
  }

  /** Counts servers of ours that the last look could not see. */
  count(place: ServerPlace, servers = 1): void {
    this.#add(this.#used, place, servers);
  }

  /** Counts servers of ours that were ordered before the last look. Nova counts a server only some seconds after it took the order. */
  countSeen(place: ServerPlace, servers = 1): void {
    this.#add(this.#ours, place, servers);
  }

  #add(counts: Map<QuotaKind, number>, place: ServerPlace, servers: number): void {
    for (const [kind, amount] of needsOf(place, this.#view?.capacity))
      counts.set(kind, (counts.get(kind) ?? 0) + amount * servers);
  }

  #fits(quota: Quota, need: number): boolean {
    return quota.limit < 0 || need === 0 || this.#usedOf(quota) + need <= quota.limit;
  }

  #usedOf({ kind, used }: Quota): number {
    return Math.max(used, this.#ours.get(kind) ?? 0) + (this.#used.get(kind) ?? 0);
  }
}

function roomOf(name: string, view: PlacementView): CloudRoom {
  const settings = view.settings.find((cloud) => cloud.name === name);
  const servers = view.servers.filter(({ cloud }) => cloud === name);
  const look = view.clouds.find((cloud) => cloud.name === name);
  const total = servers.reduce((sum, { count = 1 }) => sum + count, 0);
  const room = new CloudRoom(look, settings?.maxServers ?? Number.POSITIVE_INFINITY, total);
  for (const server of servers) {
    const place = placeIn(view.labels, server);
    if (!place || !look) continue;
    if (server.createdAt > look.checkedAt) room.count(place, server.count);
    else room.countSeen(place, server.count);
  }
  return room;
}

function placeIn(labels: readonly ServerLabel[], server: { label: string; cloud: string }): ServerPlace | undefined {
  return labels.find(({ name }) => name === server.label)?.places.find(({ cloud }) => cloud === server.cloud);
}

/** What one server of this place takes of each quota. */
export function needsOf(place: ServerPlace, capacity: CloudCapacity | undefined): ReadonlyMap<QuotaKind, number> {
  const needs = new Map<QuotaKind, number>([['servers', 1]]);
  if (place.kind === 'rack') return needs;
  for (const [kind, amount] of networkNeeds(place)) needs.set(kind, amount);
  const size = capacity?.sizes[place.flavor];
  if (size) needs.set('cores', size.cores).set('ram', size.ram);
  return needs;
}

function networkNeeds({ networks, floatingNetwork, volume }: CloudPlace): readonly (readonly [QuotaKind, number])[] {
  return [
    ['ports', networks.length],
    ...(floatingNetwork === undefined ? [] : [['floating-ips', 1] as const]),
    ...(volume
      ? ([
          ['volumes', 1],
          ['gigabytes', volume.size],
        ] as const)
      : []),
  ];
}

const quotaWords: Readonly<Record<QuotaKind, string>> = {
  servers: 'servers',
  cores: 'cores',
  ram: 'MiB of memory',
  ports: 'ports',
  'floating-ips': 'floating IPs',
  volumes: 'volumes',
  gigabytes: 'GiB of volumes',
};
