import { SidegateError, errorCode, errorText } from '../domain/errors.ts';
import { storedType } from '../domain/stored-type.ts';
import { allObjects } from '../ports/object-store.ts';
import type { ObjectStore, StoredObject } from '../ports/object-store.ts';
import type { UploadClaim } from '../ports/upload-store.ts';
import { md5Of, streamFile } from './archive-file.ts';
import type { ArchiveFile } from './archive-file.ts';
import type { Flow } from './context.ts';

type Needs = Pick<Flow, 'archive' | 'logger' | 'objects' | 'self' | 'store'>;

/** What one build's upload works with. */
interface Upload extends Needs {
  readonly objects: ObjectStore;
  readonly claim: UploadClaim;
  readonly signal: AbortSignal;
}

/** Files on their way at the same time. */
const lanes = 4;
/** Before the next try (ms), doubled each time. */
const firstPause = 15_000;
const longestPause = 3_600_000;
/** Waiting longer is told (ms). */
const patience = 6 * 3_600_000;

/**
 * Sends the logs of builds that are over to the object store, one build after the other. Nothing waits for it: logs are read from the local
 * tree until it is done. What is there already, with the same content, is not sent again: so it goes on after a crash.
 */
export function createLogUploader(flow: Needs, signal: AbortSignal): () => Promise<void> {
  return async () => {
    const { objects, self, store } = flow;
    if (objects === undefined) return;
    for (;;) {
      if (signal.aborted) return;
      const claim = await store.claimUpload(self, objects.place);
      if (claim === undefined || !(await uploadBuild({ ...flow, objects, claim, signal }))) break;
    }
    await tellBacklog(flow, objects.place);
  };
}

/** False where the store is away: the other builds need not find out, too. */
async function uploadBuild(upload: Upload): Promise<boolean> {
  const { claim, logger, signal, store } = upload;
  try {
    await uploadFiles(upload);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    const pause = Math.min(longestPause, firstPause * 2 ** Math.min(claim.attempts - 1, 20));
    logger.warn({ build: claim.buildId, err: errorText(error), pause }, 'logs could not be uploaded; tried again');
    await store.saveUploadDelayed(claim.buildId, pause, errorText(error));
    return errorCode(error) === 'log-gap';
  }
}

async function uploadFiles(upload: Upload): Promise<void> {
  const { archive, claim, logger, objects, self, store } = upload;
  const files = await archive.list(claim.logPath, Infinity);
  const there = new Map<string, StoredObject>();
  for await (const object of allObjects(objects, claim.logPath)) there.set(object.path, object);
  const waiting = files.values();
  const work = async () => {
    for (const file of waiting) {
      if (upload.signal.aborted || !(await store.renewUpload(self, claim.buildId))) return false;
      await uploadFile(upload, file, there.get(file.path));
    }
    return true;
  };
  // All of them end before anybody is told that one has failed.
  const done = await Promise.allSettled(Array.from({ length: lanes }, work));
  for (const one of done) if (one.status === 'rejected') throw one.reason;
  if (done.some((one) => one.status === 'fulfilled' && !one.value)) return;
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  await store.saveUploaded(self, claim.buildId, { files: files.length, bytes });
  logger.info({ build: claim.buildId, files: files.length, bytes }, 'logs are in the object store');
}

async function uploadFile(
  { archive, objects, signal }: Upload,
  file: ArchiveFile,
  known: StoredObject | undefined,
): Promise<void> {
  const { path, size } = file;
  const md5 = await md5Of(archive, file);
  if (known?.size === size && known.etag === md5) return;
  const { gzip, type } = storedType(path, await archive.read(path, 0, 512));
  const open = () => streamFile(archive, file);
  const tag = await objects.put({ path, size, md5, open, type, gzip, signal });
  const stored = await objects.find(path);
  // A store that encrypts has a tag of its own.
  if (stored?.size !== size || (stored.etag !== md5 && stored.etag !== tag))
    throw new SidegateError('object-store-refused', `${objects.place}: ${path} is not there as it was sent`);
}

async function tellBacklog({ store }: Needs, place: string): Promise<void> {
  const { oldest, problem, waiting } = await store.uploadBacklog(place);
  if (oldest <= patience) return await store.closeNotice('uploads-behind', 'logs');
  const builds = waiting === 1 ? 'one build' : `${waiting} builds`;
  const hours = Math.floor(oldest / 3_600_000);
  const why = problem === undefined ? '' : ` The last problem: ${problem}`;
  const text = `Logs of ${builds} wait to be uploaded, the oldest for ${hours} hours.${why}`;
  await store.saveNotice({ code: 'uploads-behind', subject: 'logs', text });
}
