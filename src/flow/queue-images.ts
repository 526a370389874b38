import { randomUUID } from 'node:crypto';
import { SidegateError } from '../domain/errors.ts';
import { imageLogPath, imageName, imagePlaces, isInWork, isSameLine } from '../domain/image-plan.ts';
import type { ImageLine } from '../domain/image-plan.ts';
import type { Settings } from '../domain/settings.ts';
import type { Store } from '../ports/store.ts';

export interface QueuedImage extends ImageLine {
  readonly id: string;
  /** False: it was in work already. */
  readonly queued: boolean;
}

/** Writes down that an image shall be built; `build-images` does it. */
export async function queueImage(store: Store, line: ImageLine, requestedBy: string): Promise<QueuedImage> {
  const earlier = (await store.liveImages()).find((image) => isInWork(image) && isSameLine(image, line));
  if (earlier) return { ...line, id: earlier.id, queued: false };
  const id = randomUUID();
  const queued = await store.insertImage({
    id,
    ...line,
    name: imageName(line.label, id, Date.now()),
    requestedBy,
    logPath: imageLogPath(line.label, id),
  });
  return queued ? { ...line, id, queued } : queueImage(store, line, requestedBy);
}

/** The same in every cloud of a label. */
export async function queueImages(
  store: Store,
  settings: Settings,
  { label: name, requestedBy }: { label: string; requestedBy: string },
): Promise<readonly QueuedImage[]> {
  const label = settings.labels.find((one) => one.name === name);
  if (!label) throw new SidegateError('not-found', `Label ${name} is not configured.`);
  if (!label.imageBuild) throw new SidegateError('not-found', `Label ${name} has no \`image_build\`.`);
  const places = imagePlaces(label);
  if (places.length === 0)
    throw new SidegateError(
      'not-found',
      `Label ${name}: images are made in clouds only, and of servers without a volume.`,
    );
  return Promise.all(places.map(({ cloud }) => queueImage(store, { label: name, cloud }, requestedBy)));
}
