import { rm } from 'node:fs/promises';
import { describeContent } from './seed.ts';
import type { Image, SimulatedServer, World } from './world.ts';
import { imageOf, timestamp } from './world.ts';

const gibibyte = 1024 ** 3;

export interface Snapshot {
  readonly world: World;
  readonly server: SimulatedServer;
  readonly image: Image;
  /** Directory for its files; undefined: the snapshot fails. */
  readonly files: string | undefined;
}

/** Copies the disk of a server into the image. When that fails, or the server goes meanwhile, Nova deletes the image. */
export async function keepSnapshot({ world, server, image, files }: Snapshot): Promise<void> {
  let saved: string | undefined;
  let failed = files === undefined;
  try {
    if (files !== undefined) saved = await server.machine?.saveFiles(files);
  } catch {
    failed = true;
  }
  if (failed || server.taskState === 'deleting' || !world.images.has(image.id)) {
    world.images.delete(image.id);
    if (files !== undefined) await removeFiles(files);
    return;
  }
  image.files = saved ?? imageOf(server)?.files;
  image.content = { ...describeContent(Buffer.from(image.id)), size: server.flavor.disk * gibibyte };
  image.status = 'active';
  image.updatedAt = timestamp();
}

export async function removeFiles(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true, maxRetries: 3 });
}
