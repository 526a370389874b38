import { z } from 'zod';
import { SidegateError } from '../../domain/errors.ts';
import type { CloudPlace } from '../../domain/settings.ts';
import type { ServerMark, ServerRequest } from '../../ports/cloud.ts';
import { sleep } from '../../shared/clock.ts';
import type { Client } from './client.ts';
import { createOnce } from './create-once.ts';
import { listAll } from './list-all.ts';
import { isSame, markMetadata, markOfMetadata } from './marks.ts';
import type { OrderTime } from './order-time.ts';

export const volumeSchema = z.object({
  id: z.string().min(1).max(100),
  name: z.string().nullish(),
  status: z.string(),
  metadata: z.record(z.string(), z.unknown()).default({}),
});

export type Volume = z.infer<typeof volumeSchema>;

const oneSchema = z.object({ volume: volumeSchema });

/** A volume is filled from the image, which takes minutes where Cinder must copy and convert it. */
const filling = new Set(['creating', 'downloading', 'queued']);
const firstPause = 500;
const longestPause = 5_000;

type VolumeSettings = NonNullable<CloudPlace['volume']>;

interface Wanted {
  readonly request: ServerRequest;
  readonly volume: VolumeSettings;
  readonly imageId: string;
}

/** Id of the server's volume, created unless it exists, once it is filled from the image. */
export async function ensureVolume(time: OrderTime, wanted: Wanted): Promise<string> {
  const { client } = time;
  const volume = await createOnce({
    find: async () => (await findVolumes(client, wanted.request.mark)).find(({ status }) => status !== 'deleting'),
    create: () => createVolume(client, wanted),
  });
  await waitUntilFilled(time, volume);
  return volume.id;
}

/** Cinder may ignore the filter. */
export async function findVolumes(client: Client, mark: ServerMark): Promise<readonly Volume[]> {
  const metadata = `{'sidegate_server':'${mark.server.replaceAll(/[^\w.-]/gu, '')}'}`;
  const volumes = await listVolumes(client, { metadata });
  return volumes.filter((volume) => isSame(markOfMetadata(volume.metadata), mark));
}

export function listVolumes(client: Client, query: Readonly<Record<string, string>>): Promise<readonly Volume[]> {
  return listAll(client, {
    service: 'block-storage',
    path: '/volumes/detail',
    query,
    key: 'volumes',
    item: volumeSchema,
  });
}

async function createVolume(client: Client, { request, volume, imageId }: Wanted): Promise<Volume> {
  const body = {
    volume: {
      name: request.name,
      size: volume.size,
      imageRef: imageId,
      metadata: markMetadata(request.mark),
      ...(volume.type === undefined ? {} : { volume_type: volume.type }),
    },
  };
  const answer = await client.call({ service: 'block-storage', method: 'POST', path: '/volumes', body });
  return answer.read(oneSchema).volume;
}

/** For as long as the server may take to boot: each answer shows that Cinder is at work. */
async function waitUntilFilled(time: OrderTime, created: Volume): Promise<void> {
  let { status } = created;
  for (let pause = firstPause; filling.has(status); pause = Math.min(pause * 1.5, longestPause)) {
    time.renew();
    await sleep(pause, time.signal());
    if (time.isOver()) throw new SidegateError('server-boot-timeout', `volume ${created.id} is still ${status}`);
    status = await volumeStatus(time.client, created.id);
  }
  time.renew();
  // A volume that is attached belongs to a server that another call has just created.
  if (['available', 'reserved', 'attaching', 'in-use'].includes(status)) return;
  throw new SidegateError('server-boot-failed', `volume ${created.id} went to ${status}`);
}

async function volumeStatus(client: Client, id: string): Promise<string> {
  const answer = await client.call({ service: 'block-storage', method: 'GET', path: volumePath(id), accept: [404] });
  return answer.status === 404 ? 'deleted' : answer.read(oneSchema).volume.status;
}

/** Cinder says 400 while the volume is attached or about to go: that is for the next call to find out. */
export async function deleteVolume(client: Client, id: string): Promise<void> {
  await client.call({ service: 'block-storage', method: 'DELETE', path: volumePath(id), accept: [400, 404] });
}

function volumePath(id: string): string {
  return `/volumes/${encodeURIComponent(id)}`;
}
