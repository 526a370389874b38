import { randomUUID } from 'node:crypto';
import { Placement, spotText } from '../domain/placement.ts';
import type { PlacementView, Spot } from '../domain/placement.ts';
import type { NewServer, ServerPurpose, ServerRecord } from '../ports/server-store.ts';
import type { Store } from '../ports/store.ts';
import { chooseImage } from './choose-image.ts';
import type { Flow } from './context.ts';

export interface Order {
  readonly label: string;
  readonly spot: Spot;
  readonly purpose: ServerPurpose;
  /** Image of our own to boot from; undefined: the label's, ours where there is one. */
  readonly image?: string | undefined;
  /** The server this one replaces. */
  readonly instead?: ServerRecord;
}

/** Writes down that a server shall be booted; `boot-servers` does it. Returns the id of its row. */
export async function orderServer(flow: Flow, tx: Store, order: Order): Promise<string> {
  const server = await newServer(flow, tx, order);
  await tx.insertServers([server]);
  return server.id;
}

/** The row of a server to come. */
export async function newServer(flow: Flow, tx: Store, order: Order): Promise<NewServer> {
  const { label, spot, purpose, instead } = order;
  const id = randomUUID();
  return {
    id,
    ...spot,
    label,
    name: `sidegate-${label}-${id.slice(0, 8)}`,
    owner: flow.self,
    purpose,
    image:
      order.image ??
      (purpose === 'build' ? (await chooseImage(flow, tx, { label, cloud: spot.cloud }))?.id : undefined),
    attempt: (instead?.attempt ?? 0) + 1,
    tried: instead ? [...instead.tried, spotText(instead)] : [],
  };
}

/** The others are taken out of the configuration: what is left there takes nothing from labels that boot elsewhere now. */
export function inConfiguredClouds<Server extends { readonly cloud: string }>(
  { clouds }: Pick<Flow, 'clouds'>,
  servers: readonly Server[],
): readonly Server[] {
  return servers.filter(({ cloud }) => clouds.has(cloud));
}

/** Where servers can go now. Only under the lock `admission`: the room it gives away is not taken before the commit. */
export async function readPlacement(
  flow: Flow,
  tx: Store,
  servers: PlacementView['servers'],
  failures?: PlacementView['failures'],
): Promise<Placement> {
  return new Placement({
    labels: flow.settings.labels,
    settings: flow.settings.clouds,
    clouds: await tx.clouds(),
    servers,
    failures: failures ?? (await tx.recentBootFailures()),
  });
}
