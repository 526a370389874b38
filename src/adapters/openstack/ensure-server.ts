import { z } from 'zod';
import { SidegateError, errorCode } from '../../domain/errors.ts';
import type { CloudPlace } from '../../domain/settings.ts';
import type { ServerRequest } from '../../ports/cloud.ts';
import type { Client } from './client.ts';
import { createOrFind } from './create-once.ts';
import { ensureFloatingIp } from './floating-ips.ts';
import { markMetadata, markTag } from './marks.ts';
import type { NameResolver, ResolvedPlace } from './names.ts';
import { createOrderTime } from './order-time.ts';
import type { OrderTime } from './order-time.ts';
import { ensurePorts } from './ports.ts';
import { isGoing } from './server-schema.ts';
import { findServers } from './servers.ts';
import { TimeIsUp, untilAborted } from './time-is-up.ts';
import { ensureVolume } from './volumes.ts';

const createdSchema = z.object({ server: z.object({ id: z.string().min(1).max(100) }) });

/** Id of the server with this mark. Ports, volume and floating address come first: once there is a server, it has them all. */
export async function ensureServer(client: Client, names: NameResolver, request: ServerRequest): Promise<string> {
  const time = createOrderTime(client, request);
  const resolve = () => resolveNames(names, request, time);
  const existing = await findServer(time.client, request);
  if (existing !== undefined) return existing;
  const resolved = await resolve();
  try {
    return await createServer(time, request, resolved);
  } catch (error) {
    // An id remembered from before may be gone, as when images are rotated.
    if (errorCode(error) !== 'cloud-refused' || !names.forget()) throw error;
    const fresh = await resolve();
    if (JSON.stringify(fresh) === JSON.stringify(resolved)) throw error;
    return createServer(time, request, fresh);
  }
}

async function resolveNames(names: NameResolver, request: ServerRequest, time: OrderTime): Promise<ResolvedPlace> {
  const place = openstackPlace(request);
  try {
    return await untilAborted(names.resolve(place, request.imageId), time.signal(), `names of ${place.cloud}`);
  } catch (error) {
    // The look-up goes on for others: the next order shall not wait for the same answer.
    if (error instanceof TimeIsUp) names.forget();
    throw error;
  }
}

function openstackPlace({ place }: ServerRequest): CloudPlace {
  if (place.kind === 'openstack') return place;
  throw new SidegateError('internal', `${place.cloud} is a rack, not an OpenStack cloud`);
}

async function findServer(client: Client, request: ServerRequest): Promise<string | undefined> {
  return (await findServers(client, request.mark)).find((server) => !isGoing(server))?.id;
}

async function createServer(time: OrderTime, request: ServerRequest, resolved: ResolvedPlace): Promise<string> {
  const { client } = time;
  const { volume } = openstackPlace(request);
  const ports = await ensurePorts(client, request, resolved);
  const [port] = ports;
  if (resolved.floatingNetworkId !== undefined && port !== undefined)
    await ensureFloatingIp(client, { mark: request.mark, network: resolved.floatingNetworkId, port });
  const volumeId = volume && (await ensureVolume(time, { request, volume, imageId: resolved.imageId }));
  const server = {
    ...serverBody(request, resolved),
    networks: ports.map((id) => ({ port: id })),
    ...bootSource(volumeId, resolved),
  };
  return createOrFind({
    async create() {
      const answer = await client.call({ service: 'compute', method: 'POST', path: '/servers', body: { server } });
      return answer.read(createdSchema).server.id;
    },
    find: () => findServer(client, request),
  });
}

function serverBody(request: ServerRequest, { flavorId }: ResolvedPlace): object {
  const { name, keypair, mark, zone } = request;
  const { userData, configDrive, metadata } = openstackPlace(request);
  return {
    name,
    flavorRef: flavorId,
    key_name: keypair,
    metadata: { ...metadata, ...markMetadata(mark) },
    tags: [markTag(mark)],
    ...(zone === undefined ? {} : { availability_zone: zone }),
    ...(userData === undefined ? {} : { user_data: Buffer.from(userData).toString('base64') }),
    ...(configDrive ? { config_drive: true } : {}),
  };
}

function bootSource(volumeId: string | undefined, { imageId }: ResolvedPlace): object {
  if (volumeId === undefined) return { imageRef: imageId };
  const volume = { uuid: volumeId, source_type: 'volume', destination_type: 'volume' };
  return { block_device_mapping_v2: [{ ...volume, boot_index: 0, delete_on_termination: true }] };
}
