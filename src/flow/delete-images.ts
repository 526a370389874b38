import { errorText } from '../domain/errors.ts';
import type { Cloud } from '../ports/cloud.ts';
import type { ImageRecord } from '../ports/image-store.ts';
import type { Flow } from './context.ts';

const atOnce = 20;

/** Deletes from Glance what failed or is no longer kept. Images that still have servers wait for their end. */
export async function deleteImages(flow: Flow): Promise<void> {
  for (const image of await flow.store.claimImagesToDelete(atOnce)) {
    try {
      const cloud = flow.clouds.get(image.cloud);
      if (!cloud) throw new Error(`the cloud ${image.cloud} is no longer configured`);
      if (await removeFromGlance(flow, cloud, image)) await flow.store.saveImageGone(image.id);
    } catch (error) {
      flow.logger.warn(
        { image: image.name, err: errorText(error) },
        'an image could not be deleted and is tried again',
      );
    }
  }
}

/** Looked for by its mark too: sidegate may have died before it noted the id. True when nothing is left. */
async function removeFromGlance(flow: Flow, cloud: Cloud, image: ImageRecord): Promise<boolean> {
  const { images } = cloud;
  if (!images) return true;
  if (image.imageId !== undefined) await images.deleteImage(image.imageId);
  const marked = await cloud.listMarked(flow.installation);
  const left = marked.filter(({ kind, of }) => kind === 'image' && of === image.id);
  for (const resource of left) await cloud.deleteMarked(resource);
  return left.length === 0;
}
