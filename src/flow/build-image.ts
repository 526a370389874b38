import { SidegateError, errorCode, errorText } from '../domain/errors.ts';
import type { CloudPlace, ImageBuildSettings, ServerLabel } from '../domain/settings.ts';
import { imagePlaces } from '../domain/image-plan.ts';
import type { CloudImages } from '../ports/cloud.ts';
import type { ImageLease, ImageRecord } from '../ports/image-store.ts';
import type { Flow } from './context.ts';
import { imageServer } from './image-server.ts';
import { runImageScript } from './run-image-script.ts';
import { snapshotServer } from './snapshot-server.ts';
import { imageLock, imageSubject } from './take-back-image.ts';

/** What every step of an image build works with. */
export interface ImageWork {
  readonly flow: Flow;
  /** As it is when the step begins. */
  readonly image: ImageRecord;
  readonly lease: ImageLease;
  readonly label: ServerLabel;
  readonly place: CloudPlace;
  readonly settings: ImageBuildSettings;
  readonly images: CloudImages;
}

/** One state of an image to the next; may run twice. `later`: its cloud has no room now. */
type Step = (work: ImageWork) => Promise<'later' | 'done'>;

const steps: Partial<Record<ImageRecord['state'], Step>> = {
  preparing: prepare,
  snapshotting: snapshot,
  testing: tryOut,
};

/**
 * Builds one image: a server of the label's own image is prepared and snapshotted, a canary of the snapshot must pass the smoke script,
 * then builds get it. Whoever takes the image goes on at the state it is in.
 */
export async function buildImage(flow: Flow, id: string): Promise<void> {
  const taken = await flow.store.takeImage(id, flow.self);
  if (!taken) return;
  const lease = { image: id, epoch: taken.epoch };
  try {
    await runSteps(flow, lease).catch((error: unknown) => giveUp(flow, lease, error));
  } catch (error) {
    // Another process has it: whatever went wrong here, it goes on there.
    if (errorCode(error) !== 'stale-epoch') throw error;
  }
}

async function runSteps(flow: Flow, lease: ImageLease): Promise<void> {
  for (;;) {
    const image = await flow.store.findImage(lease.image);
    const step = image && steps[image.state];
    if (!image || !step) return;
    if ((await step(workOn(flow, lease, image))) === 'later') return;
  }
}

function workOn(flow: Flow, lease: ImageLease, image: ImageRecord): ImageWork {
  const label = flow.settings.labels.find(({ name }) => name === image.label);
  const place = label && imagePlaces(label).find(({ cloud }) => cloud === image.cloud);
  const images = flow.clouds.get(image.cloud)?.images;
  if (!label?.imageBuild || !place || !images)
    throw new SidegateError('config-invalid', `images of ${image.label} are no longer configured for ${image.cloud}`);
  return { flow, image, lease, label, place, settings: label.imageBuild, images };
}

async function prepare(work: ImageWork): ReturnType<Step> {
  const server = await imageServer(work, 'image');
  if (!server) return 'later';
  await runImageScript(work, server, 'prepare');
  await work.flow.store.moveImage(work.lease, { state: 'snapshotting', server: server.id, detail: '' });
  return 'done';
}

const sharedHostKey =
  'The canary has the SSH host key of another server: servers of the image must make keys of their own at first boot, as cloud-init does.';

async function snapshot(work: ImageWork): ReturnType<Step> {
  const { flow, image, lease } = work;
  await snapshotServer(work);
  await flow.store.transaction(async (tx) => {
    await tx.moveImage(lease, { state: 'testing', server: undefined, detail: '' });
    await tx.releaseServer(image.server!, { code: undefined, detail: 'Its snapshot is made.' });
  });
  return 'done';
}

async function tryOut(work: ImageWork): ReturnType<Step> {
  const { flow, image, lease } = work;
  const canary = await imageServer(work, 'canary');
  if (!canary) return 'later';
  // Whoever is root on one server could answer for all others: builds run code nobody has reviewed.
  if (await flow.store.sharesHostKey(canary.id)) throw new SidegateError('image-failed', sharedHostKey);
  await runImageScript(work, canary, 'smoke');
  await flow.store.transaction(async (tx) => {
    await tx.lock(imageLock(image));
    await tx.promoteImage(lease);
    await tx.releaseServer(canary.id, { code: undefined, detail: 'It was a canary.' });
    await tx.closeNotice('image-failed', imageSubject(image));
  });
  flow.logger.info({ image: image.name, cloud: image.cloud }, 'builds get a new image');
  return 'done';
}

/** The last good image stays in use. Server and snapshot of this one go. */
async function giveUp(flow: Flow, lease: ImageLease, error: unknown): Promise<void> {
  const image = await flow.store.findImage(lease.image);
  if (!image) return;
  const detail = error instanceof SidegateError && error.code === 'image-failed' ? error.detail : errorText(error);
  await flow.store.transaction(async (tx) => {
    await tx.moveImage(lease, { state: 'failed', server: image.server, detail });
    const why = { code: undefined, detail: 'Its image could not be built.' };
    if (image.server !== undefined) await tx.releaseServer(image.server, why);
    const text = `${image.name} on ${image.cloud}: ${detail}`;
    await tx.saveNotice({ code: 'image-failed', subject: imageSubject(image), text });
  });
  flow.logger.warn({ image: image.name, cloud: image.cloud, err: detail }, 'an image could not be built');
}
