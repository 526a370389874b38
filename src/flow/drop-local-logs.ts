import { SidegateError } from '../domain/errors.ts';
import { allObjects } from '../ports/object-store.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { UploadedLogs } from '../ports/upload-store.ts';
import type { Flow } from './context.ts';

type Needs = Pick<Flow, 'archive' | 'logger' | 'objects' | 'store'>;

export interface DropLocal {
  /** Only what has been in the object store for so long (ms). */
  readonly age: number;
  readonly limit: number;
  /** The disk is full: where the store cannot be asked again, its checksums at the upload count. */
  readonly isPressed: boolean;
}

/** Deletes local copies of logs that are in the object store. Answers how many were said to go. */
export async function dropLocalLogs(flow: Needs, { age, isPressed, limit }: DropLocal): Promise<number> {
  const { objects, store } = flow;
  if (objects === undefined) return 0;
  const dropped = await store.dropLocalLogs(objects.place, age, limit);
  for (const logs of await store.droppedLogs(objects.place, limit)) await deleteLocal(flow, objects, logs, isPressed);
  return dropped;
}

async function deleteLocal(flow: Needs, objects: ObjectStore, logs: UploadedLogs, isPressed: boolean): Promise<void> {
  const { archive, logger, store } = flow;
  const missing = await findMissing(flow, objects, logs).catch((error: unknown) => {
    if (isPressed && error instanceof SidegateError && error.retryable) return undefined;
    throw error;
  });
  if (missing !== undefined) {
    logger.warn({ build: logs.buildId, missing }, 'the object store has lost logs; they are uploaded again');
    return await store.saveUploadDelayed(logs.buildId, 0, `${missing} was gone from ${objects.place}`);
  }
  await archive.remove(logs.logPath);
  await store.saveLocalDeleted(logs.buildId);
  logger.info({ build: logs.buildId, path: logs.logPath }, 'the local copy of logs was deleted');
}

/** Looks once more before the only other copy goes. A list of Swift may be late, so an object that is not in it is asked for. */
async function findMissing(
  { archive }: Needs,
  objects: ObjectStore,
  { logPath }: UploadedLogs,
): Promise<string | undefined> {
  const sizes = new Map<string, number>();
  for await (const { path, size } of allObjects(objects, logPath)) sizes.set(path, size);
  for (const { path, size } of await archive.list(logPath, Infinity))
    if (sizes.get(path) !== size && (await objects.find(path))?.size !== size) return path;
  return undefined;
}
