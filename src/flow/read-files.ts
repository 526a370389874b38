import { errorCode, errorText } from '../domain/errors.ts';
import { patchsetName } from '../domain/patchset.ts';
import type { FileRead } from '../ports/trigger-store.ts';
import type { Flow } from './context.ts';

const atOnce = 8;
const firstPause = 2000;
const longestPause = 300_000;
/** Answers that waiting seldom mends: after this many tries, two minutes, the event is decided without its files. */
const enoughTries = 7;
const finalCodes: ReadonlySet<string | undefined> = new Set(['not-found', 'gerrit-refused', 'input-too-large']);
/** A shorter trouble is not worth a notice. */
const triesUntold = 3;

/** 2a. Read files: where a rule needs them, before the event is decided. Gerrit's failures put the decision off, for ever if need be. */
export async function readFiles(flow: Flow): Promise<boolean> {
  const reads = await flow.store.claimFileReads(atOnce);
  await Promise.all(reads.map((read) => readOne(flow, read)));
  return reads.length === atOnce;
}

async function readOne(flow: Flow, read: FileRead): Promise<void> {
  const { store } = flow;
  const { connection, eventId, patchset } = read;
  const review = flow.reviews.get(connection)?.review;
  // That Gerrit is no longer configured: nothing of it will be run.
  if (!review) return store.saveFiles(eventId, []);
  try {
    const { number: change, ...target } = patchset;
    await store.saveFiles(eventId, await review.changedFiles({ ...target, change }));
    await store.closeNotice('all', noticeSubject(connection));
  } catch (error) {
    await putOff(flow, read, error);
  }
}

async function putOff(flow: Flow, { connection, eventId, patchset, tries }: FileRead, error: unknown): Promise<void> {
  const code = errorCode(error) ?? 'internal';
  const trouble = errorText(error);
  flow.logger.warn({ gerrit: connection, patchset: patchsetName(patchset), tries, err: trouble }, 'files not read');
  if (tries >= enoughTries && finalCodes.has(code)) return flow.store.saveFiles(eventId, []);
  const pause = Math.min(firstPause * 2 ** (tries - 1), longestPause);
  await flow.store.putOffFileRead(eventId, pause, `Waits until Gerrit tells its files: ${trouble}`.slice(0, 500));
  if (tries < triesUntold) return;
  const text = `Files of ${patchsetName(patchset)} cannot be read: ${trouble}`;
  await flow.store.saveNotice({ code, subject: noticeSubject(connection), text });
}

function noticeSubject(connection: string): string {
  return `files on ${connection}`;
}
