import { errorText } from '../domain/errors.ts';
import type { Flow } from './context.ts';
import { dropLocalLogs } from './drop-local-logs.ts';

type Needs = Pick<Flow, 'archive' | 'logger' | 'objects' | 'settings' | 'store'>;

/** OpenStack asks to keep logs so long (ms). */
const promised = 30 * 86_400_000;
const day = 86_400_000;
const batch = 200;
/** After so many builds the disk is looked at again. */
const diskBatch = 10;
/** Of one run: other loops want the disk too. */
const diskRounds = 100;

/**
 * Deletes logs that are old enough by the class of their build, and the oldest ones where the disk is fuller than wanted: what
 * is in an object store goes from the disk alone, and before all others. Said in the
 * build's row first, deleted then: who begins again deletes what is left.
 */
export async function expireLogs(flow: Needs): Promise<void> {
  await deleteExpired(flow);
  while ((await flow.store.expireLogs(flow.settings.logs.keep, batch)) > 0) await deleteExpired(flow);
  await deleteConsoles(flow, flow.settings.logs.keep.infra);
  await makeRoom(flow);
}

/** Of failed boots and of images that are not in use: what infrastructure leaves. Noted afterwards: who begins again finds nothing there. */
async function deleteConsoles({ archive, logger, store }: Needs, age: number): Promise<void> {
  for (;;) {
    const consoles = await store.oldConsoles(age, batch);
    for (const console of consoles) {
      await archive.remove(console.path);
      await store.saveConsoleDeleted(console);
      logger.info({ path: console.path }, 'consoles were deleted');
    }
    if (consoles.length < batch) return;
  }
}

async function deleteExpired({ archive, logger, store }: Needs): Promise<void> {
  for (;;) {
    const expired = await store.expiredLogs(batch);
    for (const { buildId, logPath } of expired) {
      await archive.remove(logPath);
      await store.saveLogsDeleted([buildId]);
      logger.info({ build: buildId, path: logPath }, 'logs were deleted');
    }
    if (expired.length < batch) return;
  }
}

async function makeRoom(flow: Needs): Promise<void> {
  const { disk } = flow.settings.logs;
  if (disk === undefined) return;
  let early = 0;
  let youngest = Infinity;
  let isFull = await isFullerThan(flow, disk.high);
  if (isFull) {
    // Those that are younger are small, and nobody was asked.
    await deleteConsoles(flow, promised);
    isFull = await isFullerThan(flow, disk.low);
  }
  for (let round = 0; isFull && round < diskRounds; round += 1) {
    if ((await dropLocalLogs(flow, { age: 0, limit: diskBatch, isPressed: true })) > 0) {
      isFull = await isFullerThan(flow, disk.low);
      continue;
    }
    const ages = await expireOldest(flow, disk.low);
    await deleteExpired(flow);
    early += ages.filter((age) => age < promised).length;
    youngest = Math.min(youngest, ...ages);
    if (ages.length === 0) break;
    isFull = await isFullerThan(flow, disk.low);
  }
  if (early > 0) await tellEarly(flow, early, youngest);
  else if (!(await flow.store.hasLostLogsWithin(promised))) await flow.store.closeNotice('logs-expired-early', 'logs');
  await tellFull(flow, disk.high);
}

/** One process at a time, and only once what others said to be deleted is gone: or each would make room for itself. */
async function expireOldest({ archive, store }: Needs, low: number): Promise<readonly number[]> {
  return await store.transaction(async (tx) => {
    await tx.lock('expire logs');
    if ((await tx.expiredLogs(1)).length > 0) return [];
    return (await archive.usage()) > low ? await tx.expireOldestLogs(diskBatch) : [];
  });
}

async function isFullerThan({ archive, logger }: Needs, share: number): Promise<boolean> {
  try {
    return (await archive.usage()) > share;
  } catch (error) {
    logger.warn({ err: errorText(error) }, 'the disk of the logs could not be looked at');
    return false;
  }
}

async function tellEarly({ settings, store }: Needs, count: number, youngest: number): Promise<void> {
  const high = settings.logs.disk?.high ?? 1;
  const builds = count === 1 ? 'one build' : `${count} builds`;
  await store.saveNotice({
    code: 'logs-expired-early',
    subject: 'logs',
    text: `The disk was more than ${percent(high)} full: logs of ${builds} were deleted, some after only ${Math.floor(youngest / day)} days.`,
  });
}

async function tellFull(flow: Needs, high: number): Promise<void> {
  if (!(await isFullerThan(flow, high))) return await flow.store.closeNotice('logs-disk-full', 'logs');
  const text = `The disk is more than ${percent(high)} full.`;
  await flow.store.saveNotice({ code: 'logs-disk-full', subject: 'logs', text });
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
