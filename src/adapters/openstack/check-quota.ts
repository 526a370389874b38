import type { CloudCapacity, QuotaKind } from '../../domain/capacity.ts';
import { SidegateError } from '../../domain/errors.ts';
import type { CloudPlace, ServerLabel } from '../../domain/settings.ts';
import type { Client } from './client.ts';
import { readCapacity } from './quotas.ts';

const words: Readonly<Record<QuotaKind, string>> = {
  servers: 'servers',
  cores: 'cores',
  ram: 'MiB of memory',
  ports: 'ports',
  'floating-ips': 'floating addresses',
  volumes: 'volumes',
  gigabytes: 'GiB of volumes',
};

type Need = Readonly<Record<QuotaKind, number>>;

interface Demand {
  readonly place: CloudPlace;
  readonly max: number;
  /** The label has no other place. */
  readonly alone: boolean;
}

/** Whether all labels at their `max` fit into the quotas. What does not fit of a label with several places goes to the others. */
export async function checkQuota(client: Client, cloud: string, labels: readonly ServerLabel[]): Promise<string> {
  const demands = labels.flatMap(({ places, max }) =>
    places.flatMap((place) =>
      place.kind === 'openstack' && place.cloud === cloud ? [{ place, max, alone: places.length === 1 }] : [],
    ),
  );
  const capacity = await readCapacity(
    client,
    demands.map(({ place }) => place),
  );
  const all = needOf(demands, capacity);
  const alone = needOf(
    demands.filter((demand) => demand.alone),
    capacity,
  );
  const used = capacity.quotas.filter(({ kind }) => all[kind] > 0);
  const texts = used.map(({ kind, limit }) => `${all[kind]} of ${limit < 0 ? 'unlimited' : limit} ${words[kind]}`);
  const detail = `labels at their max use ${texts.join(', ') || 'nothing'}`;
  if (used.some(({ kind, limit }) => limit >= 0 && alone[kind] > limit)) throw new SidegateError('cloud-quota', detail);
  return detail;
}

function needOf(demands: readonly Demand[], { sizes }: CloudCapacity): Need {
  const sum = (amount: (place: CloudPlace) => number) =>
    demands.reduce((total, { place, max }) => total + max * amount(place), 0);
  return {
    servers: sum(() => 1),
    cores: sum(({ flavor }) => sizes[flavor]?.cores ?? 0),
    ram: sum(({ flavor }) => sizes[flavor]?.ram ?? 0),
    ports: sum(({ networks }) => networks.length),
    'floating-ips': sum(({ floatingNetwork }) => (floatingNetwork === undefined ? 0 : 1)),
    volumes: sum(({ volume }) => (volume ? 1 : 0)),
    gigabytes: sum(({ volume }) => volume?.size ?? 0),
  };
}
