import { userInfo } from 'node:os';
import { countRunningProcesses } from '../adapters/sql/status/running-processes.ts';
import { SidegateError } from '../domain/errors.ts';
import { isInWork } from '../domain/image-plan.ts';
import { oneLine } from '../domain/sanitize.ts';
import { queueImages } from '../flow/queue-images.ts';
import { takeBackImage } from '../flow/take-back-image.ts';
import type { ImageRecord } from '../ports/image-store.ts';
import type { Store } from '../ports/store.ts';
import { sleep } from '../shared/clock.ts';
import { withState } from './open-state.ts';
import type { State } from './open-state.ts';

/** Milliseconds between two looks at an image that is followed. */
const lookPause = 1000;
const listLimit = 50;

/** `sidegate image build LABEL`: 0 when an image of every cloud of the label is in use, 1 otherwise. */
export async function buildImages(name: string, options: { config: string; wait: boolean }): Promise<number> {
  return withState(options.config, async (state) => {
    const queued = await queueImages(state.store, state.configuration.settings, {
      label: name,
      requestedBy: whoAsks(),
    });
    for (const { label, cloud, queued: isNew } of queued)
      console.log(`An image of ${label} for ${cloud} ${isNew ? 'is queued' : 'is being built already'}.`);
    const serviceRuns = await tellIfNoService(state);
    if (!options.wait) return 0;
    if (!serviceRuns) return 1;
    const good = await Promise.all(queued.map(({ id }) => followImage(state, id)));
    return good.every(Boolean) ? 0 : 1;
  });
}

/** `sidegate image list`, newest first. */
export async function listImages(options: { config: string }): Promise<void> {
  await withState(options.config, async ({ store }) => {
    const images = await store.recentImages(listLimit);
    if (images.length === 0) console.log('There are no images of our own.');
    for (const image of images) console.log(line(image));
  });
}

/** `sidegate image rollback LABEL`: 0 when an image was taken back, 1 when none was in use. */
export async function rollBackImages(label: string, options: { config: string; cloud?: string }): Promise<number> {
  return withState(options.config, async (state) => {
    const active = (await state.store.liveImages()).filter(
      (image) => image.state === 'active' && image.label === label && image.cloud === (options.cloud ?? image.cloud),
    );
    if (active.length === 0) console.log(`No image of ${label} is in use.`);
    for (const image of active) await rollBack(state.store, image);
    if (active.length > 0) await tellIfNoService(state);
    return active.length > 0 ? 0 : 1;
  });
}

async function rollBack(store: Store, image: ImageRecord): Promise<void> {
  const detail = `Taken back by ${whoAsks()}.`;
  const { undone, next } = await takeBackImage(store, image, { detail, tellOperator: false });
  if (!undone) return console.log(`${image.name} on ${image.cloud} is in use no more.`);
  const now = next ? `from ${next.name} again` : 'from the image of the configuration';
  console.log(`${image.name} on ${image.cloud} is taken back. Servers boot ${now}.`);
}

/** Prints each change until the image is in use or has failed. */
async function followImage({ store, configuration }: State, id: string): Promise<boolean> {
  let told = '';
  for (;;) {
    const image = await store.findImage(id);
    if (!image) throw new SidegateError('not-found', `image ${id}`);
    const now = `${image.cloud}: ${image.name} is ${image.state}${image.detail === '' ? '' : `: ${oneLine(image.detail, 500)}`}`;
    if (now !== told) console.log(now);
    told = now;
    if (!isInWork(image)) {
      console.log(`${image.cloud}: see ${configuration.web.publicUrl}/logs/${image.logPath}`);
      return image.state === 'active' || image.state === 'retired';
    }
    await sleep(lookPause);
  }
}

async function tellIfNoService({ database }: State): Promise<boolean> {
  if ((await countRunningProcesses(database.pool)) > 0) return true;
  console.log('No sidegate service runs: it goes on as soon as one is started.');
  return false;
}

function line({ label, cloud, name, state, createdAt, goodBuilds, badBuilds, detail }: ImageRecord): string {
  const columns = [
    new Date(createdAt).toISOString().slice(0, 19),
    label.padEnd(16),
    cloud.padEnd(16),
    state.padEnd(12),
    name,
    `${goodBuilds} good, ${badBuilds} bad`,
    oneLine(detail, 300),
  ];
  return columns.join('  ').trimEnd();
}

function whoAsks(): string {
  return userInfo().username;
}
