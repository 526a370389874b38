import { z } from 'zod';
import type { MarkedResource, ResourceKind, ServerMark } from '../../ports/cloud.ts';
import type { Client } from './client.ts';
import { deleteFloatingIp } from './floating-ips.ts';
import { deleteImage, imageSchema } from './images.ts';
import { deleteKeypair, listKeypairs } from './keypairs.ts';
import { listAll } from './list-all.ts';
import { keypairPrefix, markOfDescription, markOfImage, markOfMetadata } from './marks.ts';
import { deletePort } from './ports.ts';
import { deleteServer } from './remove-server.ts';
import { listServers } from './servers.ts';
import { deleteVolume, listVolumes } from './volumes.ts';

/** Everything in the project that carries this owner's mark. */
export async function listMarked(client: Client, owner: string): Promise<readonly MarkedResource[]> {
  const lists = await Promise.all([
    markedServers(client, owner),
    markedPorts(client, owner),
    markedFloatingIps(client, owner),
    markedVolumes(client, owner),
    markedKeypairs(client, owner),
    markedImages(client, owner),
  ]);
  return lists.flat();
}

interface Found {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly mark: ServerMark | undefined;
}

function ownOf(kind: ResourceKind, found: readonly Found[], owner: string): readonly MarkedResource[] {
  return found.flatMap(({ id, name, status, mark }) =>
    mark?.owner === owner ? [{ kind, id, name, of: mark.server, status }] : [],
  );
}

async function markedServers(client: Client, owner: string): Promise<readonly MarkedResource[]> {
  const servers = await listServers(client, {});
  const found = servers.map(({ metadata, ...server }) => ({ ...server, mark: markOfMetadata(metadata) }));
  return ownOf('server', found, owner);
}

const describedSchema = z.object({
  id: z.string().min(1).max(100),
  status: z.string(),
  description: z.string().nullish(),
});
const portSchema = describedSchema.extend({ name: z.string() });
const floatingIpSchema = describedSchema.extend({ floating_ip_address: z.string() });

/** Neutron can only be asked for a whole description. An administrator would see the ports of all projects. */
async function markedPorts(client: Client, owner: string): Promise<readonly MarkedResource[]> {
  const query = { project_id: (await client.session()).projectId };
  const ports = await listAll(client, { service: 'network', path: '/ports', query, key: 'ports', item: portSchema });
  const found = ports.map((port) => ({ ...port, mark: markOfDescription(port.description ?? '') }));
  return ownOf('port', found, owner);
}

/** A Neutron without routers has no floating addresses. */
async function markedFloatingIps(client: Client, owner: string): Promise<readonly MarkedResource[]> {
  const list = await listAll(client, {
    service: 'network',
    path: '/floatingips',
    query: { project_id: (await client.session()).projectId },
    key: 'floatingips',
    item: floatingIpSchema,
    optional: true,
  });
  const found = list.map((each) => ({
    ...each,
    name: each.floating_ip_address,
    mark: markOfDescription(each.description ?? ''),
  }));
  return ownOf('floating-ip', found, owner);
}

async function markedVolumes(client: Client, owner: string): Promise<readonly MarkedResource[]> {
  if (!(await client.session()).offers('block-storage')) return [];
  const volumes = await listVolumes(client, {});
  const found = volumes.map((volume) => ({
    ...volume,
    name: volume.name ?? '',
    mark: markOfMetadata(volume.metadata),
  }));
  return ownOf('volume', found, owner);
}

async function markedKeypairs(client: Client, owner: string): Promise<readonly MarkedResource[]> {
  const names = await listKeypairs(client);
  return names
    .filter((name) => name.startsWith(keypairPrefix(owner)))
    .map((name) => ({ kind: 'keypair', id: name, name, of: undefined, status: '' }));
}

async function markedImages(client: Client, owner: string): Promise<readonly MarkedResource[]> {
  const query = { sidegate_owner: owner, owner: (await client.session()).projectId };
  const images = await listAll(client, { service: 'image', path: '/images', query, key: 'images', item: imageSchema });
  return images.flatMap((image) => {
    const mark = markOfImage(image);
    if (mark?.owner !== owner) return [];
    return [{ kind: 'image', id: image.id, name: image.name ?? '', of: mark.image, status: image.status }];
  });
}

/** Deletes what `listMarked` gave. */
export async function deleteMarked(client: Client, { kind, id }: MarkedResource, force: boolean): Promise<void> {
  switch (kind) {
    case 'server':
      await deleteServer(client, id, force);
      return;
    case 'port':
      return deletePort(client, id);
    case 'floating-ip':
      return deleteFloatingIp(client, id);
    case 'volume':
      return deleteVolume(client, id);
    case 'keypair':
      return deleteKeypair(client, id);
    case 'image':
      return deleteImage(client, id);
  }
}
