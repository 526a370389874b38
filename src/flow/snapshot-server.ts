import { SidegateError, errorCode, errorText } from '../domain/errors.ts';
import { sleep } from '../shared/clock.ts';
import type { ImageWork } from './build-image.ts';

/** How long Nova and Glance may take for a snapshot (ms): tens of GiB go over the network. */
const patience = 2 * 3_600_000;
const firstPause = 200;
const longestPause = 10_000;

/** Asks for the snapshot of the prepared server and waits until servers can be booted from it. */
export async function snapshotServer(work: ImageWork): Promise<void> {
  const { images, image } = work;
  const imageId = await repeat(work, () => ensureSnapshot(work));
  await repeat(work, async () => {
    const shown = await images.showImage(imageId);
    if (!shown) throw new SidegateError('image-failed', `The snapshot of ${image.name} was deleted.`);
    if (['queued', 'saving', 'importing', 'uploading'].includes(shown.status)) return undefined;
    if (shown.status === 'active') return imageId;
    throw new SidegateError('image-failed', `The snapshot of ${image.name} is ${shown.status}.`);
  });
}

async function ensureSnapshot({ flow, images, image, lease }: ImageWork): Promise<string> {
  if (image.imageId !== undefined) return image.imageId;
  const server = image.server === undefined ? undefined : await flow.store.findServer(image.server);
  if (server?.novaId === undefined) throw new SidegateError('server-lost', `${image.name} has no server`);
  const mark = { owner: flow.installation, image: image.id };
  const imageId = await images.ensureSnapshot({ server: server.novaId, name: image.name, mark });
  await flow.store.saveSnapshot(lease, imageId);
  return imageId;
}

/** Asks until there is an answer. Passing trouble of the cloud is waited out. */
async function repeat<T>({ image }: ImageWork, ask: () => Promise<T | undefined>): Promise<T> {
  let pause = firstPause;
  let trouble = '';
  while (Date.now() - image.since < patience) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
      trouble = '';
    } catch (error) {
      if (errorCode(error) !== 'cloud-unreachable') throw error;
      trouble = ` (${errorText(error)})`;
    }
    await sleep(pause);
    pause = Math.min(pause * 1.5, longestPause);
  }
  throw new SidegateError('image-failed', `The snapshot of ${image.name} was not ready in time${trouble}.`);
}
