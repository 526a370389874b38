import { errorText } from '../domain/errors.ts';
import { failuresThatCondemn, isCondemned } from '../domain/image-outcome.ts';
import { dueImages, surplusImages } from '../domain/image-plan.ts';
import { buildImage } from './build-image.ts';
import type { Flow } from './context.ts';
import { deleteImages } from './delete-images.ts';
import { queueImage } from './queue-images.ts';
import { takeBackImage } from './take-back-image.ts';

/** Keeps the images of our own in order: takes bad ones back, builds what is due, deletes what is not kept. */
export function createImageKeeper(flow: Flow): () => Promise<void> {
  const building = new Set<string>();
  return async () => {
    await takeBackCondemned(flow);
    for (const line of dueImages(flow.settings.labels, await flow.store.newestImages(), Date.now()))
      await queueImage(flow.store, line, 'schedule');
    for (const id of await flow.store.imagesToBuild(flow.self)) {
      if (building.has(id)) continue;
      building.add(id);
      void buildImage(flow, id)
        .catch((error: unknown) => flow.logger.error({ image: id, err: errorText(error) }, 'an image build broke'))
        .finally(() => building.delete(id));
    }
    for (const id of surplusImages(flow.settings.labels, await flow.store.liveImages()))
      await flow.store.dropImage(id, 'Newer good ones are there.');
    await deleteImages(flow);
  };
}

async function takeBackCondemned(flow: Flow): Promise<void> {
  for (const image of await flow.store.liveImages()) {
    if (image.state !== 'active' || !isCondemned(image)) continue;
    const detail = `Its first ${failuresThatCondemn} builds could not be provisioned, and none could.`;
    const { undone } = await takeBackImage(flow.store, image, { detail, tellOperator: true });
    if (undone) flow.logger.warn({ image: image.name, cloud: image.cloud }, 'an image was taken back');
  }
}
