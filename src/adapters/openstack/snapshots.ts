import { z } from 'zod';
import { SidegateError } from '../../domain/errors.ts';
import type { SnapshotRequest } from '../../ports/cloud.ts';
import type { Client } from './client.ts';
import { createOnce } from './create-once.ts';
import { findImagesNamed } from './images.ts';
import { markOfImage, markProperties } from './marks.ts';
import { serverPath } from './servers.ts';

const createdSchema = z.object({ image_id: z.string().min(1).max(100) });
const bootedFromSchema = z.object({
  server: z.object({ image: z.union([z.literal(''), z.object({ id: z.string() })]) }),
});

/** Id of the snapshot with this name and mark, asked of Nova unless it exists. */
export function ensureSnapshot(client: Client, request: SnapshotRequest): Promise<string> {
  return createOnce({ find: () => findSnapshot(client, request), create: () => createSnapshot(client, request) });
}

async function findSnapshot(client: Client, { name, mark }: SnapshotRequest): Promise<string | undefined> {
  const images = await findImagesNamed(client, name);
  return images.find((image) => {
    const found = markOfImage(image);
    return found?.owner === mark.owner && found.image === mark.image;
  })?.id;
}

async function createSnapshot(client: Client, { server, name, mark }: SnapshotRequest): Promise<string> {
  await refuseVolume(client, server);
  const answer = await client.call({
    service: 'compute',
    method: 'POST',
    path: `${serverPath(server)}/action`,
    body: { createImage: { name, metadata: markProperties(mark, name) } },
  });
  return answer.read(createdSchema).image_id;
}

/** Nova would make an empty image that needs a snapshot in Cinder, and that one holds the server's volume for ever. */
async function refuseVolume(client: Client, server: string): Promise<void> {
  const answer = await client.call({ service: 'compute', method: 'GET', path: serverPath(server) });
  if (answer.read(bootedFromSchema).server.image !== '') return;
  throw new SidegateError('cloud-refused', `server ${server} boots from a volume: images are made of servers without`);
}
